/** Stages: bytes of a page that become part of a message, whatever else happens to the stage meanwhile. */
import { expect, test } from 'vitest';
import { createStages } from '../../../main/engine/media/stages.ts';
import { temporaryFolder } from '../../support/engine-client.ts';
import { madeUpBytes, openTestVault, readBack } from '../../support/engine-vault.ts';

const bytes = madeUpBytes(5_000);

test('a stage that a message claims is not taken away by closing, nor by who gives it up', async () => {
  const { vault } = await openTestVault(await temporaryFolder());
  const stages = createStages(vault);
  const name = await stages.put(undefined, bytes);
  const claiming = stages.claim(name);
  const leaving = Promise.all([stages.close(), stages.drop([name])]);
  const ref = await claiming;
  await vault.adopt([ref], () => {});
  await leaving;
  expect(await readBack(vault, ref)).toEqual(Buffer.from(bytes));
  await vault.close();
});

test('a stage that is given back can be claimed again, and goes with the others', async () => {
  const { vault } = await openTestVault(await temporaryFolder());
  const stages = createStages(vault);
  const name = await stages.put(undefined, bytes);
  const ref = await stages.claim(name);
  stages.giveBack(name);
  expect(await stages.claim(name)).toEqual(ref);
  stages.giveBack(name);
  await stages.close();
  await expect(stages.claim(name)).rejects.toMatchObject({ code: 'bad_request' });
  await vault.close();
});
