import type { Maker } from './maker.ts';

/** A way to write a token down: where it stands, and what is written there. */
export interface Place {
  readonly name: string;
  write(m: Maker, key: string, token: string): string;
}

const place = (name: string, write: Place['write']): Place => ({ name, write });
const snake = (key: string) =>
  key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/-/g, '_')
    .toLowerCase();
const shout = (key: string) => snake(key).toUpperCase();
const camel = (key: string) => snake(key).replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const dashed = (key: string) => snake(key).replace(/_/g, '-');
/** A token that would be written otherwise in a URL is no longer itself. */
const escaped = (token: string) => token.replace(/[^A-Za-z0-9._~:/@=+%-]/g, '_');
const quoteOf = (m: Maker) => m.pick(['"', "'", '']);

/** The name of the token stands beside it. */
export const namedPlaces: readonly Place[] = [
  place('env-file', (m, k, t) => {
    const q = quoteOf(m);
    return `# settings\nNODE_ENV=production\n${shout(k)}=${q}${t}${q}\nPORT=3000\n`;
  }),
  place('env-dump', (m, k, t) =>
    [`HOME=/home/dev`, `SHELL=/bin/bash`, `${shout(k)}=${t}`, `PWD=/srv/app`, `LANG=C.UTF-8`]
      .slice(m.number(2))
      .join('\n'),
  ),
  place('export', (m, k, t) => {
    const q = quoteOf(m);
    return `export ${shout(k)}=${q}${t}${q} && npm run ${m.pick(['deploy', 'start', 'test'])}`;
  }),
  place('inline-env', (_, k, t) => `${shout(k)}=${t} python -m app.main --verbose`),
  place('windows-set', (m, k, t) =>
    m.pick([`set ${shout(k)}=${t}\r\nnode app.js`, `$env:${shout(k)} = "${t}"`, `setx ${shout(k)} "${t}"`]),
  ),
  place('fish', (_, k, t) => `set -gx ${shout(k)} ${t}`),
  place('docker-e', (_, k, t) => `docker run --rm -e ${shout(k)}=${t} -p 8080:80 acme/api:1.4`),
  place('dockerfile', (m, k, t) =>
    m.pick([`ENV ${shout(k)}=${t}`, `ENV ${shout(k)} ${t}`, `ARG ${shout(k)}=${t}\nRUN make`]),
  ),
  place('compose', (m, k, t) =>
    m.pick([
      `services:\n  api:\n    environment:\n      - ${shout(k)}=${t}\n      - PORT=80`,
      `services:\n  api:\n    environment:\n      ${shout(k)}: ${t}\n      PORT: 80`,
      `services:\n  api:\n    environment:\n      ${shout(k)}: "${t}"\n    image: a`,
    ]),
  ),
  place(
    'yaml',
    (m, k, t) => `app:\n  ${m.pick([snake, camel, dashed])(k)}: ${m.pick([t, `"${t}"`, `'${t}'`])}\n  retries: 3\n`,
  ),
  place('toml', (_, k, t) => `[service]\n${snake(k)} = "${t}"\ntimeout = 30\n`),
  place('ini', (_, k, t) => `[default]\nregion = eu\n${snake(k)} = ${t}\n; end`),
  place('properties', (_, k, t) => `app.name=demo\napp.${dashed(k).replace(/-/g, '.')}=${t}\napp.port=8080`),
  place('json', (m, k, t) =>
    JSON.stringify({ id: 7, [m.pick([camel, snake, dashed, shout])(k)]: t, active: true }, null, m.pick([0, 2])),
  ),
  place('json-string', (_, k, t) => JSON.stringify({ body: JSON.stringify({ [camel(k)]: t, n: 1 }) })),
  place('json-twice', (_, k, t) =>
    JSON.stringify({ log: JSON.stringify({ body: JSON.stringify({ [snake(k)]: t }) }) }),
  ),
  place(
    'k8s-env',
    (_, k, t) => `        env:\n        - name: ${shout(k)}\n          value: "${t}"\n        - name: PORT`,
  ),
  place('ecs-env', (_, k, t) => `"environment":[{"name":"${shout(k)}","value":"${t}"},{"name":"A","value":"b"}]`),
  place(
    'k8s-secret',
    (_, k, t) =>
      `apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\ndata:\n  ${dashed(k)}: ${Buffer.from(t).toString('base64')}\ntype: Opaque`,
  ),
  place('tfvars', (_, k, t) => `${snake(k)}${' '.repeat(3)}= "${t}"\nregion = "eu-west-1"`),
  place('terraform-variable', (_, k, t) => `variable "${snake(k)}" {\n  type    = string\n  default = "${t}"\n}`),
  place('js', (m, k, t) =>
    m.pick([
      `const ${camel(k)} = '${t}';`,
      `const ${shout(k)} = "${t}"; // TODO`,
      `const client = new Client({ ${camel(k)}: '${t}', timeout: 10 });`,
      `process.env.${shout(k)} = '${t}';`,
      `  ${camel(k)}: process.env.${shout(k)} || '${t}',`,
      `  ${camel(k)}: process.env.${shout(k)} ?? "${t}",`,
      `let ${camel(k)}: string | undefined = "${t}"`,
    ]),
  ),
  place('python', (m, k, t) =>
    m.pick([
      `${shout(k)} = "${t}"`,
      `os.environ["${shout(k)}"] = "${t}"`,
      `os.environ.setdefault('${shout(k)}', '${t}')`,
      `client = Client(${snake(k)}="${t}", timeout=3)`,
      `${snake(k)} = os.getenv("${shout(k)}", "${t}")`,
      `config = {'${snake(k)}': '${t}', 'debug': True}`,
    ]),
  ),
  place('go-java', (m, k, t) =>
    m.pick([
      `${camel(k)} := "${t}"`,
      `const ${camel(k)} = "${t}"`,
      `os.Setenv("${shout(k)}", "${t}")`,
      `private static final String ${shout(k)} = "${t}";`,
      `var ${camel(k)} = "${t}";`,
      `define('${shout(k)}', '${t}');`,
      `'${snake(k)}' => '${t}',`,
      `${shout(k)}: &str = "${t}";`,
      `let ${camel(k)} = "${t}".to_string();`,
      `System.setProperty("${snake(k)}", "${t}");`,
    ]),
  ),
  place(
    'flag',
    (m, k, t) =>
      `acme-cli deploy --region eu --${dashed(k)}${m.pick(['=', ' '])}${m.pick([t, `"${t}"`, `'${t}'`])} --yes`,
  ),
  place('header', (m, _, t) =>
    m.pick([
      `curl -s -H "X-Api-Key: ${t}" https://api.acme.io/v1/items`,
      `curl -H 'Authorization: Bearer ${t}' https://api.acme.io/v1/me`,
      `> GET /v1 HTTP/1.1\n> Host: api.acme.io\n> X-Auth-Token: ${t}\n> Accept: */*`,
      `headers: { 'Authorization': 'Token ${t}', 'Accept': 'a/b' }`,
      `{"headers":{"x-api-key":"${t}"}}`,
      `headers={"Authorization": f"Bearer ${t}"}`,
    ]),
  ),
  place(
    'query',
    (m, k, t) =>
      `GET https://api.acme.io/v1/items?${m.pick(['limit=3&', ''])}${snake(k)}=${escaped(t)}${m.pick(['&page=2', ''])} 200 12ms`,
  ),
  place('form', (_, k, t) => `curl -d 'grant_type=x&${snake(k)}=${escaped(t)}' https://id.acme.io/token`),
  place('log', (_, k, t) => `2026-11-20T10:11:12.123Z INFO  [boot] loaded ${snake(k)}=${t} in 12ms`),
  place('log-json', (_, k, t) => `{"level":"info","msg":"boot","${camel(k)}":"${t}","ms":12}`),
  place('prose', (m, k, t) => {
    const name = snake(k).replace(/_/g, ' ');
    return m.pick([
      `The ${name} is ${t} - please don't share it.`,
      `Use this ${name}: ${t}`,
      `My ${name} is \`${t}\`, can you add it to the config?`,
      `here's the ${name}:\n\n${t}\n\nthanks`,
    ]);
  }),
  place('markdown-table', (_, k, t) => `| name | value |\n|---|---|\n| ${shout(k)} | \`${t}\` |`),
  place('box-table', (_, k, t) => `│ ${shout(k)} │ ${t} │\n├───┼───┤`),
  place('diff', (_, k, t) => `@@ -1,2 +1,2 @@\n-${shout(k)}=\n+${shout(k)}=${t}\n DEBUG=0`),
  place('read-tool', (_, k, t) => `     1→# env\n     2→${shout(k)}=${t}\n     3→PORT=1`),
  place('cat-n', (_, k, t) => `     1\tPORT=1\n     2\t${shout(k)}=${t}\n     3\tA=b`),
  place('grep', (m, k, t) => m.pick([`.env:12:${shout(k)}=${t}`, `config/app.yml-4-  ${snake(k)}: ${t}`])),
  place('ansi', (_, k, t) => `\u001b[36m${shout(k)}\u001b[0m=\u001b[32m${t}\u001b[0m\n\u001b[1mdone\u001b[22m`),
  place('inspect', (_, k, t) => `{\n  id: 1,\n  \u001b[32m${camel(k)}\u001b[39m: \u001b[32m'${t}'\u001b[39m\n}`),
  place('escaped-newline', (_, k, t) => `stdout: "A=1\\n${shout(k)}=${t}\\nB=2\\n"`),
  place('xml', (_, k, t) => `<config><${camel(k)}>${t}</${camel(k)}></config>`),
  place('xml-attribute', (_, k, t) => `<add key="${camel(k)}" value="${t}" />`),
  place('plist', (_, k, t) => `<key>${camel(k)}</key>\n\t<string>${t}</string>`),
  place('ci', (_, k, t) => `::add-mask::x\nenv:\n  ${shout(k)}: ${t}\n##[debug] run`),
  place('gh-secret', (_, k, t) => `gh secret set ${shout(k)} --body "${t}"`),
  place(
    'fly-secrets',
    (m, k, t) =>
      `${m.pick(['flyctl secrets set', 'heroku config:set', 'vercel env add', 'wrangler secret put'])} ${shout(k)}=${t}`,
  ),
  place('kubectl', (_, k, t) => `kubectl create secret generic app --from-literal=${dashed(k)}=${t} -n prod`),
  place('helm', (_, k, t) => `helm upgrade api ./chart --set ${camel(k)}=${t} --set replicas=2`),
  place('aws-ssm', (_, k, t) => `aws ssm put-parameter --name /prod/${shout(k)} --value "${t}" --type SecureString`),
  place('aws-secret', (_, k, t) =>
    JSON.stringify({ ARN: 'arn:aws:x', SecretString: JSON.stringify({ [snake(k)]: t }) }),
  ),
  place('vault-kv', (_, k, t) => `====== Data ======\nKey         Value\n---         -----\n${snake(k)}    ${t}`),
  place('echo-append', (_, k, t) => `echo "${shout(k)}=${t}" >> .env`),
  place('printf-secret', (_, k, t) => `printf '%s' '${t}' | gcloud secrets create ${dashed(k)} --data-file=-`),
  place('graphql', (_, k, t) => `mutation { login(${camel(k)}: "${t}") { ok } }`),
  place('csv', (_, k, t) => `name,value\n${shout(k)},${t}\n`),
];

/** The token stands alone: it must be known by itself. */
export const barePlaces: readonly Place[] = [
  place('alone', (_, __, t) => t),
  place('line', (_, __, t) => `Token created.\n${t}\nKeep it safe.`),
  place('ticks', (_, __, t) => `I used \`${t}\` for that.`),
  place('glued', (_, __, t) => `got:${t},next`),
  place('parens', (_, __, t) => `login("${t}")`),
  place('bearer', (_, __, t) => `Authorization: Bearer ${t}`),
  place('json-value', (_, __, t) => JSON.stringify({ a: { result: t } })),
  place('echo-pipe', (_, __, t) => `echo ${t} | docker login --password-stdin`),
  place('array', (_, __, t) => JSON.stringify(['a', t, 'b'])),
  place('ansi-alone', (_, __, t) => `\u001b[1m${t}\u001b[0m`),
  place('escaped', (_, __, t) => `"out":"Created\\n${t}\\nok"`),
  place('error', (_, __, t) => `Error: invalid credentials '${t}' (401)`),
];
