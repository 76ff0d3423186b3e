// The table of the attacks, and what counts of several rounds.
import type { Sample } from './reading.js';

/** No attack may keep the loop for longer, in milliseconds. */
export const target = 50;

export interface Row {
  readonly group: string;
  readonly title: string;
  /** The codes of the answers, each once; 0 is a connection that was closed. */
  readonly codes: readonly number[];
  /** The beginning of the last answer's message. */
  readonly said: string;
  readonly samples: readonly Sample[];
}

export interface Figures {
  readonly delay: number;
  readonly clock: number;
  readonly beside: number;
  readonly reached: boolean;
}

/** Of each figure the least of the rounds: what other processes of the machine add differs from round to round, what the attack costs does not. */
export function figuresOf(samples: readonly Sample[]): Figures {
  const least = (name: 'delay' | 'clock' | 'beside'): number => Math.min(...samples.map((sample) => sample[name]));
  const delay = least('delay');
  return { delay, clock: least('clock'), beside: least('beside'), reached: delay < target };
}

export function distinctCodes(answers: readonly { readonly status: number }[]): readonly number[] {
  return [...new Set(answers.map(({ status }) => status))].sort((a, b) => a - b);
}

/** What a Status says, or how any other answer begins. */
export function messageOf(text: string): string {
  const at = text.indexOf('"message":"');
  return text.slice(at < 0 ? 0 : at + '"message":"'.length).slice(0, 160);
}

/** In Markdown; a group's name stands in its first line only. */
export function tableOf(rows: readonly Row[]): string {
  const header = ['', 'attack', 'answered', 'worst delay', '… by the clock', 'a GET beside it', 'target', ''];
  const lines = rows.map(({ group, title, codes, samples }, index) => {
    const { delay, clock, beside, reached } = figuresOf(samples);
    const shown = (value: number): string => `${value.toFixed(1)} ms`;
    return [
      rows[index - 1]?.group === group ? '' : group,
      title,
      codes.map((code) => (code === 0 ? 'closed' : String(code))).join(', '),
      shown(delay),
      shown(clock),
      shown(beside),
      `< ${target} ms`,
      reached ? 'reached' : 'missed',
    ];
  });
  const rule = header.map((_, index) => (index > 1 && index < 7 ? '---:' : '---'));
  return [header, rule, ...lines].map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

/** One line about all of them. */
export function summaryOf(rows: readonly Row[]): string {
  const worst = Math.max(0, ...rows.map(({ samples }) => figuresOf(samples).delay));
  const missed = rows.filter(({ samples }) => !figuresOf(samples).reached).length;
  return `${rows.length} attacks, the worst delay ${worst.toFixed(1)} ms, ${missed} of ${target} ms or more`;
}
