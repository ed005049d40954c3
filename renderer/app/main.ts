/** Entry of the app page: connects to engine and shell, then shows the app; says so plainly when it can't. */
import './page-zod.ts';
import './theme/tokens.css';
import './theme/base.css';
import { connectBridge } from '../../bridge/page-client.ts';
import { startApp, showFatal } from './start.ts';

const patienceMs = 15_000;

const target = document.getElementById('app');
if (target) {
  const tooLate = setTimeout(() => showFatal(target), patienceMs);
  const bridge = await connectBridge();
  clearTimeout(tooLate);
  await startApp(bridge, target);
}
