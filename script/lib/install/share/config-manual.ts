import { type FieldSchema, fieldsOf } from '../../../docs/fields-of.ts';
import { roff, tagged } from './roff.ts';

/** The smallest configuration, as docs/configuration.md has it. */
const smallest = `{
  "board": { "passwordFile": "/etc/bough/secrets/board" },
  "projects": {
    "forms": {
      "remote": "https://github.com/example/forms.git",
      "webhookSecretFiles": ["/etc/bough/secrets/forms-webhook"],
      "url": "http://previews.example.org:8080"
    }
  }
}`;

/** bough.json(5), from the schema of the configuration. */
export function renderConfigManual(schema: FieldSchema): string {
  const settings = fieldsOf(schema).map(({ path, type, default: value, meaning }) =>
    tagged(path, `${meaning} (${type}${value === '–' ? '' : `; ${value === 'required' ? '' : 'default '}${value}`})`),
  );
  return `.TH BOUGH.JSON 5 "" "Bough" "Bough"
.SH NAME
bough.json \\- the configuration of Bough
.SH DESCRIPTION
One JSON file, strict: a misspelt setting is an error, and all problems are reported at once. Secrets are paths of files,
never values. A change is applied by
.BR bough\\-install ,
on NixOS by switching the system.
.SH EXAMPLE
.nf
${roff(smallest)}
.fi
.SH SETTINGS
${settings.join('')}.SH SEE ALSO
.BR bough (1)
`;
}
