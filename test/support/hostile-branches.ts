const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
const code = (points: string): string[] => words(points).map((point) => String.fromCodePoint(Number(`0x${point}`)));

/** What commands a terminal, ends a line, turns the direction of text, or is no character at all. */
const controls = [
  ...Array.from({ length: 0x21 }, (_, point) => String.fromCodePoint(point)),
  ...code('7f 80 9d 61c 2028 2029 200e 200f 202a 202e 2066 2069 fdd0 fffe 1ffff d800 dfff'),
  '\u009b31m',
  '\u001b[31m',
  '\u001b]8;;http://x\u0007',
  '\r\n',
  '\n[Service]\nExecStart=/bin/x',
  '\nExecStart=x',
  '\n{"level":60,"msg":"forged"}',
  'x\\\ny',
];

/** What is not seen, or not seen for what it is. */
const unseen = code('a0 ad 34f 115f 180b 180e 2000 200b 200c 200d 2060 3000 3164 e000 fe0f feff e0061 e007f');

const syntax = {
  git: words(
    String.raw`.. ... . / // /./ /../ .lock @ @{ @{u} @{-1} ~ ^ : ? * [ \ - -- --- --upload-pack=x -rf +refs ^{}`,
  ),
  shell: words(
    String.raw`$ $$ $x $(id) $((1)) ${'`id`'} ${'${HOME}'} ${'${IFS}'} ; & && | || > >> < << ' " '"'"' ! # ( ) { } ;id; |id 2>&1 \n`,
  ),
  systemd: words(
    '% %% %n %h %i %I %t %u %s %% %%n %%% ;x #x !x +x @x x@.service x@1.socket -.mount .slice ExecStart=x User=root',
  ),
  html: words(
    `<script> </script> <script>alert(1)</script> </title><script>alert(1)</script> </style><script>alert(1)</script>
    <img/src=x/onerror=alert(1)> <svg/onload=alert(1)> <body/onpageshow=alert(1)> <iframe/srcdoc=&lt;script&gt;alert(1)&lt;/script&gt;>
    <details/open/ontoggle=alert(1)> <a/href=//x.invalid>x</a> <base/href=//x.invalid/> <link/rel=stylesheet/href=//x.invalid/s>
    "onfocus="alert(1)"autofocus=" 'onfocus='alert(1)'autofocus=' "><script>alert(1)</script> '><script>alert(1)</script>
    </td></tr></table><script>alert(1)</script> <!-- --> <!--><script>alert(1)</script> &lt;script&gt; &#60;script&#62; &quot; &amp;
    <template> <plaintext> <textarea> <math><mtext>`,
  ),
  templates: words(
    '{} {{}} {{x}} {{=1}} {%x%} <%=x%> #{x} ${x} {x} {env.HOME} {$HOME} {http.vars.x} {path} {args[0]} import',
  ),
  nix: words(
    `'' ''$ ''\${x} "\${x}" builtins.abort ;abort __functor or with {}; (x) rec{} <nixpkgs> &ref=x &rev=x ?rev=x +x =x`,
  ),
  address: words('%2e%2e %2f %2F.. %00 %0a %0d%0aX %25 %c0%ae %ff ;x=y &x=y #x @host //host x@host ,x'),
  data: words(
    `"}, "]}, ","level",60,"msg","forged {"level",60} ';DROP-TABLE-x;-- 'or'1'='1 "or"1 ');-- %s %d %n %5$n =cmd|x @SUM(1) +1
    (a+)+$ .+ () | __proto__.x constructor.x`,
  ),
}; // prettier-ignore

const reserved = words(
  `main master HEAD head FETCH_HEAD ORIG_HEAD refs refs/heads/x heads/x origin/x tags/v1 remotes/x web web.sock status.html r1 r1-web
  x--r1-web a--b r1-web.sock wait active meta id events marker delayed bough system user slice x.service x.socket x.slice con nul aux
  constructor __proto__ toString hasOwnProperty prototype undefined null true false NaN 0 -0 1e9 0x10 12345 localhost www api board
  webhooks deliveries healthz readyz branch deployments lost+found deadbeef ${'c'.repeat(40)}`,
);

const lookAlikes = [
  ...words(
    `feature/x feature-x feature_x feature.x Feature/X FEATURE-X feature/X feature-x- feature--x -feature-x feature/x/ feаture-x
    ｆeature-x feature‐x feature–x feature−x feature∕x feature⁄x feature／x feature\u0301-x fe\u0301ature-x féature-x ﬁx fix ſtable
    stable K \u212a k ß ss ẞ SS i İ ı I ǅ ﷺ ﷽ ． ‥ … ․․ ／ ％ ＜script＞alert(1)＜/script＞ ‹script› ＂ ＇ ﹤ ﹪n 日本語 日本 🚀 🚀🚀 👩‍🚀 ab
    ünï/cöde u\u0308ni الفرع ענף ветка vетка`,
  ),
  `x${'\u0336\u0489'.repeat(40)}`,
];

const lengths = [6, 30, 31, 32, 38, 39, 40, 41, 63, 64, 107, 200, 249, 250, 251, 254, 255, 256, 300].flatMap(
  (length) => [
    'x'.repeat(length),
    `${'x'.repeat(length - 1)}-`,
    `d${length}${'/y'.repeat(Math.floor((length - `d${length}`.length) / 2))}`,
    `z/${'ü'.repeat(Math.ceil(length / 2))}`,
  ],
);

/** Two names git takes that have one slug, found by trying four thousand million. */
export const sameSlug = ['feature/x_---____-____---_', 'feature/x_---__-_--__-_-__'] as const;

/**
 * Branch names that mean harm, more than five hundred of them of a form git takes: what a shell, systemd, Caddy, HTML, a
 * terminal, git, Nix or a queue would read as something else, and names made to meet under one slug. `slugOf` is asked for the
 * slugs of others, to be taken as names.
 */
export function hostileBranches(slugOf: (branch: string) => string): string[] {
  const placed = [...controls, ...unseen, ...Object.values(syntax).flat()].flatMap((text) => [
    text,
    `${text}x`,
    `x${text}`,
    `x${text}y`,
    `a/${text}/b`,
  ]);
  const others = [...new Set([...placed, ...reserved, ...lookAlikes, ...lengths])];
  const slugs = others.filter((_, index) => index % 10 === 0).map(slugOf);
  const meant = slugs.flatMap((slug) => [slug, `feature-x-${slug.slice(-8)}`, `${slug}-r1`]);
  return [...new Set([...others, ...meant, slugOf('feature/x'), slugOf('Feature/X')])];
}
