import { join } from 'node:path';
import type { ServiceUnit } from './service-unit.ts';
import { escapeXml } from './xml.ts';

/** What launchd calls it. */
export function launchdLabel(unit: ServiceUnit): string {
  return `dev.${unit.name}`;
}

/** Where a user's agents lie (launchd.plist(5)). */
export function launchdPath(unit: ServiceUnit, home: string): string {
  return join(home, 'Library/LaunchAgents', `${launchdLabel(unit)}.plist`);
}

/** A launch agent: starts at login, and again when it ends. */
export function launchdPlist(unit: ServiceUnit): string {
  const string = (text: string) => `<string>${escapeXml(text)}</string>`;
  const words = unit.command.map((word) => `    ${string(word)}`).join('\n');
  const variables = Object.entries(unit.environment)
    .map(([name, value]) => `    <key>${escapeXml(name)}</key>\n    ${string(value)}\n`)
    .join('');
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  ${string(launchdLabel(unit))}
  <key>ProgramArguments</key>
  <array>
${words}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
${variables}  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <true/>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ExitTimeOut</key>
  <integer>40</integer>
  <key>ProcessType</key>
  <string>Background</string>
</dict>
</plist>
`;
}
