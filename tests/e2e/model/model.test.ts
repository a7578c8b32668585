import { expect, test } from '@jest/globals';
import { RealStage } from './real-stage.ts';
import { SimStage } from './sim-stage.ts';
import { story } from './story.ts';
import { transcript } from './transcript.ts';

test('actors of a real cluster and of a simulated one say the same to one another', async () => {
  await using real = await RealStage.open();
  await using simulated = await SimStage.open();
  await story(simulated);
  await story(real);
  const said = transcript(real.trace());
  expect(transcript(simulated.trace())).toEqual(said);
  // All that there is to be said was: see what would be missed if traces were empty.
  expect(Object.keys(said)).toEqual(
    expect.arrayContaining(['master → slave', 'scheduler → master', 'slave → master']),
  );
});
