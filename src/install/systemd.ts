import { join } from 'node:path';
import type { ServiceUnit } from './service-unit.ts';

/** Where a user's units lie (systemd.unit(5)). */
export function systemdPath(unit: ServiceUnit, configHome: string): string {
  return join(configHome, 'systemd/user', `${unit.name}.service`);
}

/** A user unit. 143 is the exit code of a mirror that was asked to stop and has shipped the rest. */
export function systemdUnit(unit: ServiceUnit): string {
  const environment = Object.entries(unit.environment).map(
    ([name, value]) => `Environment=${quote(`${name}=${value}`)}`,
  );
  return `[Unit]
Description=${unit.description.replaceAll('%', '%%')}

[Service]
ExecStart=${unit.command.map((word) => quote(word).replaceAll('$', '$$$$')).join(' ')}
${environment.map((line) => `${line}\n`).join('')}Restart=always
RestartSec=10
SuccessExitStatus=143
TimeoutStopSec=40
Nice=10
NoNewPrivileges=true

[Install]
WantedBy=default.target
`;
}

/** One word: specifiers, quotes and backslashes as systemd.syntax(7) wants them. */
function quote(word: string): string {
  const escaped = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('\n', '\\n');
  return `"${escaped}"`;
}
