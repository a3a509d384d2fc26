import type { ServiceUnit } from './service-unit.ts';
import { escapeXml } from './xml.ts';

/** What the task scheduler calls it. */
export function taskName(unit: ServiceUnit): string {
  return `Cairn\\${unit.name}`;
}

/**
 * A task that starts at logon, and again a minute after it fails. A task has no environment of its own: what is set
 * for the user holds.
 */
export function windowsTask(unit: ServiceUnit): string {
  const [program = '', ...words] = unit.command;
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>${escapeXml(unit.description)}</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
    </LogonTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
  </Settings>
  <Actions>
    <Exec>
      <Command>${escapeXml(program)}</Command>
      <Arguments>${escapeXml(words.map(quote).join(' '))}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

/** One argument as programs on Windows take their command line apart: backslashes count only before a quote. */
function quote(word: string): string {
  if (/^[^\s"]+$/.test(word)) return word;
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}
