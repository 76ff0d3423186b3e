// `--audit-log-format=legacy`: a line of words for each event, as logs had it before they were JSON.
import type { AuditEvent } from './event.js';

export function legacyLine(event: AuditEvent): string {
  const { user, impersonatedUser: as, objectRef, responseStatus } = event;
  const list = (values: readonly string[] | undefined, none: string): string =>
    JSON.stringify(values === undefined ? none : values.map((value) => JSON.stringify(value)).join(','));
  const text = (value: string | undefined): string => JSON.stringify(value ?? '');
  return (
    `${event.stageTimestamp.replace('Z', '000Z')} AUDIT: id=${text(event.auditID)} stage=${text(event.stage)} ip=${text(event.sourceIPs?.[0] ?? '<unknown>')} ` +
    `method=${text(event.verb)} user=${text(user.username ?? '<none>')} groups=${list(user.groups, '<none>')} ` +
    `as=${text(as?.username ?? '<self>')} asgroups=${list(as?.groups, '<lookup>')} user-agent=${text(event.userAgent)} ` +
    `namespace=${text(objectRef?.namespace ?? '<none>')} uri=${text(event.requestURI)} response=${text(responseStatus?.code === undefined ? '<deferred>' : String(responseStatus.code))}`
  );
}
