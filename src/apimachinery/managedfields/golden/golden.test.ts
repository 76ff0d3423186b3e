import { readStories } from './golden.js';
import { expectSameAnswer } from './replay.js';

describe.each([...readStories('stories.jsonl'), ...readStories('random-stories.jsonl')].map((story) => [story.name, story] as const))(
  '%s',
  (_name, story) => {
    const steps = story.steps.map((step, index) => ({ step, index })).filter(({ step }) => step.request.verb !== 'read');
    it.each(steps.map((one) => [`${one.index}. ${one.step.request.verb} by ${one.step.request.manager}`, one] as const))(
      '%s',
      (_title, { step, index }) => {
        expectSameAnswer(story, step, index);
      },
    );
  },
);
