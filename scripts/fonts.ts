/** Sees to fonts that cover what people write: without them screenshots show empty boxes. */
import type { Log } from './project.ts';
import { runCommand } from './run-command.ts';
import { createApt, installPackages, isOnPath, type PackageManager } from './system-packages.ts';

interface Script {
  readonly name: string;
  /** A fontconfig pattern that some font must match. */
  readonly pattern: string;
  readonly package: string;
}

/** The lighter packages: 10 MB of emoji, 12 MB for most alphabets, 7 MB for Chinese, Japanese and Korean. */
const scripts: readonly Script[] = [
  { name: 'emoji', pattern: ':charset=1f600:color=true', package: 'fonts-noto-color-emoji' },
  { name: 'Arabic', pattern: ':charset=0628', package: 'fonts-noto-core' },
  { name: 'Hebrew', pattern: ':charset=05d0', package: 'fonts-noto-core' },
  { name: 'Devanagari', pattern: ':charset=0915', package: 'fonts-noto-core' },
  { name: 'Thai', pattern: ':charset=0e01', package: 'fonts-noto-core' },
  { name: 'Chinese and Japanese', pattern: ':charset=4e00 3042', package: 'fonts-wqy-zenhei' },
  { name: 'Korean', pattern: ':charset=ac00 d55c', package: 'fonts-wqy-zenhei' },
];

/** Installs missing fonts where it can; where not, warns and goes on. Linux only. */
export async function ensureFonts(log: Log, apt: PackageManager = createApt(log)): Promise<void> {
  if (process.platform !== 'linux') return;
  const { names, packages } = await missingFonts();
  if (packages.length === 0) return;
  try {
    await installPackages(packages, `Fonts are missing for: ${names.join(', ')}.`, log, apt);
  } catch (error) {
    log(`Warning: some text will show as boxes. ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function missingFonts(): Promise<{ names: string[]; packages: string[] }> {
  const hasFontconfig = isOnPath('fc-list');
  const missing: Script[] = [];
  for (const script of scripts) {
    if (!hasFontconfig || !(await hasFont(script.pattern))) missing.push(script);
  }
  const packages = [...(hasFontconfig ? [] : ['fontconfig']), ...missing.map((script) => script.package)];
  return { names: missing.map((script) => script.name), packages: [...new Set(packages)] };
}

async function hasFont(pattern: string): Promise<boolean> {
  const { code, stdout } = await runCommand('fc-list', [pattern, 'family']);
  return code === 0 && stdout.trim() !== '';
}
