import type { LedgerQuery, ShownBranch, ShownDelivery } from '@bough/core/ledger/delivery-line.ts';
import { plainText } from '@bough/core/text/plain-text.ts';
import type { ShownRefusal } from '@bough/host/ledger/read-ledger.ts';

/** The page of deliveries: HTML without a script. All that came from outside is escaped. */
export function renderDeliveries(
  query: LedgerQuery,
  deliveries: readonly ShownDelivery[],
  refusals: readonly ShownRefusal[],
): string {
  const last = deliveries.at(-1);
  const older =
    last === undefined || deliveries.length < query.limit
      ? ''
      : `<p><a href="/deliveries?${html(new URLSearchParams([...asked(query), ['before', String(last.seq)]]).toString())}">older</a></p>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Bough: deliveries</title><style>${style}</style></head><body>
<h1>Deliveries</h1>
<p><a href="/board/">The board</a> shows the jobs themselves.</p>
<form method="get" action="/deliveries">
${(['project', 'branch', 'outcome'] as const).map((name) => `<label>${name} <input name="${name}" value="${html(query[name] ?? '')}"></label>`).join('\n')}
<button>show</button></form>
${table(
  ['when', 'project', 'branch', 'commit', 'forge', 'event', 'delivery', 'from', 'answer', 'job', 'what became of it'],
  deliveries.flatMap(rowsOf),
)}${deliveries.length === 0 ? '<p>None.</p>' : older}
${refusals.length === 0 ? '' : `<h2>Not signed with a secret of the webhook</h2>\n${table(['last', 'first', 'times', 'project asked for', 'from', 'answer', 'reason'], refusals.map(refusalRow))}`}
</body></html>
`;
}

function rowsOf(delivery: ShownDelivery): string[][] {
  const { at, project, forge, event, source, status, outcome, reason, failure } = delivery;
  const answer = [status === null ? '' : String(status), outcome].join(' ').trim();
  const why = [reason, failure].filter((text) => text !== null).join('; ');
  const branches = delivery.branches.length === 0 ? [null] : delivery.branches;
  return branches.map((branch) => [
    time(at),
    project,
    branch?.branch ?? '',
    branch?.commit?.slice(0, 12) ?? '',
    forge,
    event ?? '',
    delivery.delivery ?? '',
    source,
    why === '' ? answer : `${answer}: ${why}`,
    branch?.job ?? '',
    branch === null ? '' : ending(branch, delivery),
  ]);
}

/** Of several branches each says itself why it has no job: the answer does not. */
function ending({ job, ended, ...told }: ShownBranch, { branches }: ShownDelivery): string {
  if (ended === null && job !== null) return 'not ended yet';
  if (ended === null) return branches.length === 1 ? '' : said(told);
  return `${said(ended)} (${time(ended.at)})`;
}

function said({ outcome, reason }: Pick<ShownBranch, 'outcome' | 'reason'>): string {
  return `${outcome}${reason === null ? '' : `: ${reason}`}`;
}

function refusalRow({ first, last, count, project, source, status, reason }: ShownRefusal): string[] {
  return [time(last), time(first), String(count), project, source, status === null ? '' : String(status), reason];
}

function asked({ project, branch, outcome }: LedgerQuery): [string, string][] {
  return Object.entries({ project, branch, outcome }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) => row.map((cell) => `<${tag}>${html(cell)}</${tag}>`).join('');
  return `<table><thead><tr>${cells('th', head)}</tr></thead><tbody>
${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n')}
</tbody></table>`;
}

function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Text as HTML, also within quotes; control characters and marks that turn the text's direction are shown as such. */
function html(text: string): string {
  return plainText(text)
    .replace(/[\u200b-\u200d\p{Bidi_Control}]/gu, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`)
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `body{font:14px/1.4 system-ui,sans-serif;margin:1.5rem;color:#222}
table{border-collapse:collapse;margin:1rem 0}th,td{text-align:left;vertical-align:top;padding:.25rem .6rem;border-bottom:1px solid #ddd;overflow-wrap:anywhere}
th,td:nth-child(-n+2),td:nth-child(n+4):nth-child(-n+6),td:nth-child(8){white-space:nowrap}td{max-width:22rem}input{margin-right:.8rem}`;
