/** Words around voice messages. */

/** The name under which a recording is saved: sorts by time, and is allowed on every system. */
export function voiceName(time: number): string {
  const date = new Date(time);
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join('.');
  return `Voice message ${day} at ${clock}.m4a`;
}

/** What a screen reader says as a recording goes on. */
export const stateWords = {
  idle: '',
  asking: 'Opening the microphone',
  recording: 'Recording',
  paused: 'Paused',
  sending: 'Sending',
} as const;
