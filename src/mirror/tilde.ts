/**
 * A path without the local user's name: summaries are for everyone who reads the bucket. By shape and not
 * by this host's home, so that any host makes the same of the same records.
 */
export function tildeHome(path: string): string {
  return path.replace(/^(?:\/(?:home|Users)\/[^/]+|\/root|[A-Za-z]:\\Users\\[^\\]+)(?=[/\\]|$)/, '~');
}
