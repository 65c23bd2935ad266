/** The page: what runs here, and what to do next. It reloads itself when another release has taken over. */
export function page({ greeting, branch, commit, release, program }, basePath) {
  const facts = { Branch: branch, Commit: commit.slice(0, 12), Release: release, Program: program };
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(branch)} · release ${escape(release)}</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light; --hue: ${hueOf(branch)}; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 16px/1.6 system-ui, sans-serif;
    background: linear-gradient(160deg, hsl(var(--hue) 60% 92%), hsl(calc(var(--hue) + 40) 60% 84%)); color: #1c2230; }
  main { max-width: 38rem; margin: 2rem; padding: 2.5rem; border-radius: 1rem; background: #fffffff0; box-shadow: 0 1rem 3rem #0002; }
  h1 { margin: 0 0 1.5rem; font-size: 2rem; line-height: 1.2; color: hsl(var(--hue) 60% 32%); }
  dl { display: grid; grid-template-columns: auto 1fr; gap: .3rem 1.2rem; margin: 0 0 2rem; }
  dt { color: #5a6375; }
  dd { margin: 0; font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
  pre { margin: 0; padding: 1rem; border-radius: .5rem; background: #1c2230; color: #e8ecf4; overflow-x: auto; }
  p { margin: 0 0 .5rem; }
</style>
<main>
  <h1>${escape(greeting)}</h1>
  <dl>${Object.entries(facts)
    .map(([name, value]) => `<dt>${name}</dt><dd>${escape(value)}</dd>`)
    .join('')}</dl>
  <p>Edit <code>src/greeting.js</code>, commit, push; this page follows by itself:</p>
  <pre>git commit --all --message "Say it differently"
git push</pre>
</main>
<script>
  setInterval(async () => {
    const answer = await fetch(${JSON.stringify(`${basePath}/health`)}).catch(() => null);
    if (answer?.ok && (await answer.json()).release !== ${JSON.stringify(release)}) location.reload();
  }, 2000);
</script>
</html>
`;
}

function escape(text) {
  return String(text).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A colour for each branch, so that two tabs are told apart at a glance. */
function hueOf(branch) {
  return [...branch].reduce((hue, character) => (hue * 31 + character.codePointAt(0)) % 360, 210);
}
