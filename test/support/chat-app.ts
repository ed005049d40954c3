/** What a person does in the app, as end-to-end tests and the demo do it: by roles and names, as a screen reader would. */
import { expect, type Locator, type Page } from '@playwright/test';
import { appPageUrl, launchParley, type LaunchOptions, type ParleyApp } from './electron-app.ts';
import type { Person } from './people.ts';

/** A person in front of an app window. */
export class ChatApp {
  readonly person: Person;
  readonly parley: ParleyApp;
  readonly page: Page;

  constructor(person: Person, parley: ParleyApp) {
    this.person = person;
    this.parley = parley;
    this.page = parley.page;
  }

  /** Opens the app on the welcome screen (or where it was left, with a `dataDir` used before). */
  static async open(person: Person, options: LaunchOptions): Promise<ChatApp> {
    return new ChatApp(person, await launchParley({ profile: person.username, ...options }));
  }

  static async openAndRegister(person: Person, relay: string, options: LaunchOptions = {}): Promise<ChatApp> {
    const app = await ChatApp.open(person, { relaySuggestion: relay, ...options });
    await app.register();
    return app;
  }

  async register(): Promise<void> {
    await this.page.getByRole('radio', { name: 'Create account' }).check({ force: true });
    await this.page.getByLabel('Username').fill(this.person.username);
    await this.page.getByLabel('Name that others see').fill(this.person.name);
    await this.page.getByLabel('Password', { exact: true }).fill(this.person.password);
    await this.page.getByRole('button', { name: 'Create account' }).click();
    await this.expectSignedIn();
  }

  async logIn(password = this.person.password): Promise<void> {
    await this.page.getByRole('radio', { name: 'Log in' }).check({ force: true });
    await this.page.getByLabel('Username').fill(this.person.username);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.page.getByRole('button', { name: 'Log in', exact: true }).click();
  }

  async expectSignedIn(): Promise<void> {
    await expect(this.page.getByRole('button', { name: /^Settings, logged in as/ })).toBeVisible();
  }

  /** Finds a person on the relay by username and opens the conversation with them. */
  async startChat(other: Person): Promise<void> {
    await this.page.getByRole('button', { name: 'New conversation' }).click();
    await this.page.getByRole('combobox', { name: 'Search conversations, people and messages' }).fill(other.username);
    await this.page.getByRole('option', { name: `@${other.username}` }).click();
    await expect(this.composer).toBeVisible();
  }

  async openChat(title: string): Promise<void> {
    await this.row(title).click();
    await expect(this.log(title)).toBeVisible();
  }

  row(title: string): Locator {
    return this.page.getByRole('option', { name: title });
  }

  log(title: string): Locator {
    return this.page.getByRole('log', { name: `Messages with ${title}` });
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: /^Message to / });
  }

  get presence(): Locator {
    return this.page.getByTestId('presence');
  }

  async send(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  message(text: string): Locator {
    return this.page.getByRole('article').filter({ hasText: text });
  }

  async expectMessage(text: string): Promise<void> {
    await expect(this.message(text)).toBeVisible();
  }

  /** @param state as a screen reader says it: Waiting to be sent, Sent, Delivered, Read, Not sent. */
  async expectTicks(text: string, state: string): Promise<void> {
    await expect(this.message(text).getByRole('img', { name: state })).toBeVisible();
  }

  /** The texts on screen in the order in which they stand. */
  async texts(): Promise<string[]> {
    return this.page.getByRole('article').locator('.text').allInnerTexts();
  }

  async resize(width: number, height: number): Promise<void> {
    await this.parley.app.evaluate(
      ({ BrowserWindow }, { url, ...size }) =>
        BrowserWindow.getAllWindows()
          .find((window) => window.webContents.getURL().startsWith(url))
          ?.setContentSize(size.width, size.height),
      { width, height, url: appPageUrl },
    );
    await expect.poll(() => this.page.evaluate(() => window.innerWidth)).toBe(width);
  }

  async setTheme(theme: 'light' | 'dark'): Promise<void> {
    await this.parley.app.evaluate(({ nativeTheme }, source) => {
      nativeTheme.themeSource = source;
    }, theme);
    await expect
      .poll(() => this.page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches))
      .toBe(theme === 'dark');
  }

  close(): Promise<void> {
    return this.parley.close();
  }

  kill(): Promise<void> {
    return this.parley.kill();
  }
}
