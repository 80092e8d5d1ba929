/** A failure the person at the keyboard can act on: printed as one line, without a stack. */
export class LaunchError extends Error {}

/** Progress goes to stderr: stdout belongs to the target (headless consoles print JSON there). */
export function say(line) {
  process.stderr.write(`liendesk: ${line}\n`);
}
