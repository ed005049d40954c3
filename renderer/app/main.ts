/** Entry of the app page: connects to engine and shell, then shows the app; says so plainly when it can't. */
import './page-zod.ts';
import './theme/tokens.css';
import './theme/base.css';
import { connectBridge } from '../../bridge/page-client.ts';
import { defaultSettings } from '../../bridge/shell-contract.ts';
import { showFatal, startApp } from './start.ts';
import { wearTheme } from './theme/wear-theme.ts';

const patienceMs = 15_000;

// Until the settings are known the system's theme is worn, so that nothing flashes.
wearTheme(document.documentElement, defaultSettings, null);

const target = document.getElementById('app');
if (target) {
  const tooLate = setTimeout(() => showFatal(target), patienceMs);
  const bridge = await connectBridge();
  clearTimeout(tooLate);
  await startApp(bridge, target);
}
