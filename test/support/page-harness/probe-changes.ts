/** Plays through what is done to messages after they were sent: `node probe-changes.ts CHROMIUM [PART OF A TITLE]`. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Locator, type Page } from '@playwright/test';
import { startProbe } from './probe-play.ts';

const { play, close } = await startProbe();

async function openChat(page: Page): Promise<void> {
  await page
    .getByRole('option', { name: /Anna Weber/ })
    .first()
    .click();
  await page.getByRole('log').waitFor();
}

function said(page: Page, text: string | RegExp): Locator {
  return page.getByRole('article').filter({ hasText: text });
}

/** The menu of a message, opened as with the right mouse button. */
async function menuOf(page: Page, text: string | RegExp): Promise<Locator> {
  await said(page, text).locator('.bubble').click({ button: 'right' });
  const menu = page.getByRole('menu', { name: 'Message actions' });
  await menu.waitFor();
  return menu;
}

function asked(page: Page, name: string): Promise<unknown[]> {
  return page.evaluate(
    (wanted) => harness.engine.asked.filter((one) => one.name === wanted).map(({ input }) => input),
    name,
  );
}

function distanceToEnd(page: Page): Promise<number> {
  return page.getByRole('log').evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop);
}

await play('an own message is edited, and the draft of before comes back', 'everyday', async ({ page, composer }) => {
  await openChat(page);
  await composer.fill('half a thought');
  await (await menuOf(page, /About 40 MB/)).getByRole('menuitem', { name: 'Edit' }).click();
  const strip = page.getByRole('group', { name: 'Editing' });
  await expect(strip).toContainText('About 40 MB');
  await expect(composer).toBeFocused();
  await expect(composer).toHaveValue(/^About 40 MB/);
  await composer.press('End');
  await composer.pressSequentially(' Tea too.');
  await composer.press('Enter');
  await expect(strip).toHaveCount(0);
  await expect(composer).toHaveValue('half a thought');
  await expect(said(page, 'Tea too.')).toContainText('edited');
  await expect(said(page, 'Tea too.').getByTitle(/^Edited .*\d\d:\d\d$/)).toBeVisible();
  await expect(said(page, 'Tea too.')).toHaveAccessibleName(/^You, edited, /);
  expect(await page.evaluate(() => harness.engine.conversation(harness.conversationIdOf(0)).draft)).toBe(
    'half a thought',
  );
});

await play('"up" edits the last own message, Esc leaves it as it was', 'everyday', async ({ page, composer }) => {
  await openChat(page);
  await composer.press('ArrowUp');
  await expect(page.getByRole('group', { name: 'Editing' })).toBeVisible();
  await expect(composer).toHaveValue(/^שלום/);
  await composer.fill('something else');
  await composer.press('Escape');
  await expect(page.getByRole('group', { name: 'Editing' })).toHaveCount(0);
  await expect(composer).toHaveValue('');
  await composer.press('Escape');
  expect(await asked(page, 'messages.edit')).toEqual([]);
});

await play('an edit that changes nothing is not sent', 'everyday', async ({ page, composer }) => {
  await openChat(page);
  await composer.press('ArrowUp');
  await composer.press('Enter');
  await expect(page.getByRole('group', { name: 'Editing' })).toHaveCount(0);
  expect(await asked(page, 'messages.edit')).toEqual([]);
});

await play('an emptied text asks to delete, and the dialog can be left', 'everyday', async ({ page, composer }) => {
  await openChat(page);
  await composer.press('ArrowUp');
  await composer.fill('');
  await composer.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Delete this message for everybody?' });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('group', { name: 'Editing' })).toBeVisible();
  await composer.press('Enter');
  await dialog.getByRole('button', { name: 'Delete for everybody' }).click();
  await expect(page.getByRole('group', { name: 'Editing' })).toHaveCount(0);
  await expect(said(page, 'This message was deleted')).toHaveCount(1);
});

await play('an edit that could not be stored comes back', 'everyday', async ({ page, composer }) => {
  await openChat(page);
  await page.evaluate(() =>
    harness.engine.world.failing.set('messages.edit', { code: 'storage_failed', message: 'The disk is full.' }),
  );
  await composer.press('ArrowUp');
  await composer.fill('Precious words');
  await composer.press('Enter');
  await expect(page.getByText('Not changed: The disk is full.')).toBeVisible();
  await expect(composer).toHaveValue('Precious words');
});

await play('words are kept when the message goes under the hands', 'everyday', async ({ page, composer }) => {
  await openChat(page);
  await composer.fill('draft');
  const menu = await menuOf(page, /About 40 MB/);
  await menu.getByRole('menuitem', { name: 'Edit' }).click();
  await composer.fill('About 41 MB');
  await page.evaluate(() => {
    const id = harness.conversationIdOf(0);
    const target = harness.engine.messagesOf(id)[15];
    if (target) harness.engine.changes.delete(id, target.id);
  });
  await expect(composer).toHaveValue('draft\nAbout 41 MB');
  await expect(page.getByText(/^Not changed: The message was deleted meanwhile/)).toBeVisible();
});

await play('a message is deleted for everybody after a question', 'everyday', async ({ page }) => {
  await openChat(page);
  await (await menuOf(page, /About 40 MB/)).getByRole('menuitem', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete this message for everybody?' });
  await expect(dialog).toContainText('About 40 MB');
  await dialog.getByRole('button', { name: 'Delete for everybody' }).click();
  const gone = said(page, 'This message was deleted');
  await expect(gone).toHaveAccessibleName(/^You, deleted message, /);
  await expect(gone).toBeFocused();
  await gone.hover();
  await expect(gone.getByRole('toolbar')).toHaveCount(0);
  await gone.press('Enter');
  await expect(page.getByRole('menu')).toHaveCount(0);
});

await play('other people’s messages offer neither edit nor delete', 'everyday', async ({ page }) => {
  await openChat(page);
  const menu = await menuOf(page, 'See you at 7');
  await expect(menu.getByRole('menuitem')).toHaveText([/^$/, 'Reply', 'Copy text']);
  await page.keyboard.press('Escape');
  await expect(menu).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Anna Weber');
});

await play('a reaction is given, counted, named and taken back', 'everyday', async ({ page }) => {
  await openChat(page);
  const message = said(page, 'See you at 7');
  await message.hover();
  await message.getByRole('button', { name: 'React' }).click();
  await page.getByRole('menu', { name: 'React' }).getByRole('menuitemcheckbox', { name: 'Thumbs up' }).click();
  const own = message.getByRole('button', { name: 'Thumbs up, you' });
  await expect(own).toHaveAttribute('aria-pressed', 'true');
  await page.evaluate(() => {
    const id = harness.conversationIdOf(0);
    const target = harness.engine.messagesOf(id)[18];
    if (target) harness.engine.changes.react(id, target.id, '👍', true, harness.personOf(0));
  });
  const both = message.getByRole('button', { name: 'Thumbs up, 2 people, you among them' });
  await expect(both).toHaveAttribute('title', 'You and Anna Weber: thumbs up');
  await both.click();
  await expect(message.getByRole('button', { name: 'Thumbs up, one person' })).toHaveAttribute('aria-pressed', 'false');
  await expect.poll(() => distanceToEnd(page)).toBeLessThan(2);
});

await play('all emoji are found by name, category and keys', 'everyday', async ({ page }) => {
  await openChat(page);
  const message = said(page, 'See you at 7');
  await (await menuOf(page, 'See you at 7')).getByRole('menuitem', { name: 'More reactions' }).click();
  const picker = page.getByRole('dialog', { name: 'Choose a reaction' });
  const field = picker.getByRole('textbox', { name: 'Search emoji' });
  await expect(field).toBeFocused();
  await field.fill('birthday c');
  await expect(picker.getByRole('button', { name: 'Birthday cake' })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(picker).toHaveCount(0);
  await expect(message.getByRole('button', { name: 'Birthday cake, you' })).toBeVisible();

  await (await menuOf(page, 'See you at 7')).getByRole('menuitem', { name: 'More reactions' }).click();
  await expect(picker.getByRole('region', { name: 'Used last' }).getByRole('button')).toHaveCount(1);
  await picker.getByRole('button', { name: 'Animals and nature' }).click();
  await expect(picker.getByRole('button', { name: 'Dog face' })).toBeInViewport();
  await field.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await expect(picker.getByRole('button', { name: 'Grinning face with big eyes', exact: true })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(picker).toHaveCount(0);
});

await play('emoji go into the text where the caret stands', 'everyday', async ({ page, composer }) => {
  await openChat(page);
  await composer.fill('Happy birthday!');
  await composer.press('ArrowLeft');
  const button = page.getByRole('button', { name: 'Choose an emoji' });
  await button.click();
  await page.keyboard.type('cake');
  await page.keyboard.press('Enter');
  await expect(composer).toBeFocused();
  await expect(composer).toHaveValue('Happy birthday🍰!');
  await composer.press('Control+z');
  await expect(composer).toHaveValue('Happy birthday!');
  await button.click();
  await expect(page.getByRole('dialog', { name: 'Emoji' })).toBeVisible();
  await button.click();
  await expect(page.getByRole('dialog', { name: 'Emoji' })).toHaveCount(0);
});

await play('a second click on a button of a message closes what it opened', 'everyday', async ({ page }) => {
  await openChat(page);
  const message = said(page, 'See you at 7');
  await message.hover();
  for (const [name, menu] of [
    ['React', 'React'],
    ['More', 'Message actions'],
  ] as const) {
    await message.getByRole('button', { name }).click();
    await expect(page.getByRole('menu', { name: menu })).toBeVisible();
    await message.getByRole('button', { name }).click();
    await expect(page.getByRole('menu')).toHaveCount(0);
  }
});

await play('a draft typed on another device comes into the field', 'everyday', async ({ page, composer }) => {
  await openChat(page);
  const draft = (text: string | null): Promise<void> =>
    page.evaluate((to) => harness.engine.change(harness.conversationIdOf(0), { draft: to }), text);
  await draft('typed on the laptop');
  await expect(composer).toHaveValue('typed on the laptop');
  await draft(null);
  await expect(composer).toHaveValue('');
  await composer.pressSequentially('typed here');
  await expect
    .poll(() => page.evaluate(() => harness.engine.conversation(harness.conversationIdOf(0)).draft))
    .toBe('typed here');
  await expect(composer).toHaveValue('typed here');
});

await play('everything goes by keys', 'changes', async ({ page, composer, log }) => {
  await openChat(page);
  const message = said(page, 'See you at 7');
  await composer.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await expect(log.getByRole('article').last()).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(message).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'React' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitemcheckbox', { name: 'Thumbs up' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(message.getByRole('button', { name: 'Red heart, you' })).toBeVisible();
  await expect(message).toBeFocused();
  for (let press = 0; press < 4; press++) await page.keyboard.press('Tab');
  const chip = message.getByRole('button', { name: 'Ok hand, you' });
  await expect(chip).toBeFocused();
  await page.keyboard.press('Space');
  await expect(chip).toHaveCount(0);
  await message.focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  const menu = page.getByRole('menu', { name: 'Message actions' });
  await expect(menu.getByRole('menuitemcheckbox', { name: 'Thumbs up' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(menu.getByRole('menuitem', { name: 'Edit' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('group', { name: 'Editing' })).toBeVisible();
  await expect(composer).toBeFocused();
});

await play(
  'a change that failed says why, and is edited, tried again or given up',
  'changes',
  async ({ page, log, composer }) => {
    await openChat(page);
    const edit = log.getByRole('group', { name: 'Not changed' });
    await edit.scrollIntoViewIfNeeded();
    await expect(edit).toContainText('You changed a lot in a short time.');
    await edit.getByRole('button', { name: 'Edit again' }).click();
    await expect(composer).toHaveValue('What I wanted to say instead.');
    await composer.press('Escape');
    await expect(composer).toHaveValue('');
    await edit.getByRole('button', { name: 'Try again' }).click();
    await expect(edit).toHaveCount(0);
    const reaction = log.getByRole('group', { name: 'Reaction not sent' });
    await reaction.getByRole('button', { name: 'Discard' }).click();
    await expect(reaction).toHaveCount(0);
    expect(await asked(page, 'messages.retry-change')).toHaveLength(1);
    expect(await asked(page, 'messages.discard-change')).toHaveLength(1);
  },
);

await play(
  'hands are given in the chosen colour of skin, and taken back in theirs',
  'changes',
  async ({ page, log }) => {
    await openChat(page);
    const message = said(page, 'See you at 7');
    await message.hover();
    await message.getByRole('button', { name: 'React' }).click();
    await page.getByRole('menuitem', { name: 'More reactions' }).click();
    await page.getByRole('button', { name: 'Skin tone' }).click();
    await expect(page.getByRole('radio', { name: 'Default' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: 'Skin tone' })).toBeFocused();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: 'Skin tone' })).toHaveText('✋🏿');
    await page.getByRole('textbox', { name: 'Search emoji' }).fill('thumbs up');
    await page.keyboard.press('Enter');
    await expect(message.getByRole('button', { name: 'Thumbs up, you' })).toHaveText('👍🏿');
    // What was given in its own yellow before is taken back, and not given again.
    await expect(message.getByRole('button', { name: 'Ok hand, you' })).toHaveText('👌');
    await message.hover();
    await message.getByRole('button', { name: 'React' }).click();
    await expect(page.getByRole('menuitemcheckbox', { name: 'Thumbs up' })).toHaveText('👍🏿');
    await page.getByRole('menuitemcheckbox', { name: 'Thumbs up' }).click();
    await expect(log.getByRole('button', { name: 'Thumbs up, you' })).toHaveCount(0);
  },
);

await play('deleted messages are said so in quotes and in the list', 'changes', async ({ page, log }) => {
  await openChat(page);
  await expect(log.getByRole('button', { name: /This message was deleted/ })).toBeVisible();
  await expect(page.getByRole('option', { name: /Jonas/ })).toContainText('Message deleted');
});

await play('reactions above what is on screen do not move it', 'long', async ({ page, log }) => {
  await page
    .getByRole('option', { name: /Nguyễn Thị Minh Khai 2/ })
    .first()
    .click();
  await log.hover();
  await page.mouse.wheel(0, -1_500);
  await page.waitForTimeout(600);
  const place = (): Promise<{ id: string; top: number }> =>
    log.evaluate((element) => {
      const top = element.getBoundingClientRect().top;
      const rows = [...element.querySelectorAll<HTMLElement>('[data-message]')];
      const row = rows.find((one) => one.getBoundingClientRect().top > top + 150);
      return { id: row?.dataset['message'] ?? '', top: row?.getBoundingClientRect().top ?? 0 };
    });
  const before = await place();
  await page.evaluate((visible) => {
    const id = harness.conversationIdOf(30);
    const all = harness.engine.messagesOf(id);
    const at = all.findIndex((one) => one.id === visible);
    for (const one of all.slice(at - 12, at - 4)) {
      harness.engine.changes.react(id, one.id, '🎉', true, harness.personOf(30));
    }
  }, before.id);
  await page.waitForTimeout(500);
  const after = await page.locator(`[data-message="${before.id}"]`).evaluate((row) => row.getBoundingClientRect().top);
  expect(Math.abs(after - before.top)).toBeLessThan(3);
});

for (const theme of ['light', 'dark'] as const) {
  await play(
    `axe finds nothing in changed messages, menus and picker, ${theme}`,
    'changes',
    async ({ page, composer }) => {
      const scan = async (): Promise<void> => {
        await page.waitForTimeout(400);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(
          violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`),
        ).toEqual([]);
      };
      await openChat(page);
      await scan();
      await menuOf(page, /About 40 MB/);
      await scan();
      await page.getByRole('menuitem', { name: 'More reactions' }).click();
      await scan();
      await page.keyboard.press('Escape');
      await composer.press('ArrowUp');
      await scan();
      await composer.fill('');
      await composer.press('Enter');
      await scan();
    },
    { settings: { theme } },
  );
}

await close();
