/** Shell lines of a build that put a manifest with these services into its output; `@out@` in them is the output's path. */
export const manifest = (services: object): string =>
  `mkdir -p "$out/share/bough"
sed "s|@out@|$out|g" > "$out/share/bough/deployment.json" <<'END'
${JSON.stringify({ schema: 1, services })}
END`;
