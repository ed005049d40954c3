/** Realistic people and words for the page harness: long names, long words, right to left, CJK, emoji, code, links. */

export const names = [
  'Anna Weber',
  'Jonas Lindqvist',
  'مريم الخطيب',
  'Dr. Maximiliane von Hohenzollern-Sigmaringen geb. Schwarzenberger',
  '田中 美咲',
  'Priya Raghunathan',
  'Tomás Ó Súilleabháin',
  'יעל כהן',
  '김서연',
  'Ops 🛠️',
  'Lea',
  'Olumide Adéyẹmí',
  'Ксения Воронцова',
  'Sam',
  'Nguyễn Thị Minh Khai',
  'Bob from accounting',
] as const;

export const usernames = [
  'anna.weber',
  'jonas',
  'maryam',
  'maximiliane.von.hohenzollern-sig',
  'misaki',
  'priya.r',
  'tomas',
  'yael',
  'seoyeon',
  'ops',
  'lea',
  'olumide',
  'ksenia',
  'sam',
  'minh.khai',
  'bob',
] as const;

export const thousandLines = Array.from({ length: 1_000 }, (_, line) => `${line + 1}: the quick brown fox`).join('\n');

/** A conversation as people have them: [own, text]. */
export const dialogue: readonly (readonly [boolean, string])[] = [
  [false, 'Did you get the relay running on the little box in the hallway?'],
  [true, 'Yes, took ten minutes. It even survived me pulling the plug twice.'],
  [true, 'One command, then a domain and a certificate.'],
  [false, 'Show me tomorrow? I want one for the choir. We are 24 people and nobody agrees on an app.'],
  [true, 'Sure. Docs are here: https://docs.example.org/parley/relay?step=2#certificates (the second page).'],
  [false, '👍'],
  [false, 'And it keeps the history on every device?'],
  [true, 'Every device, same order.\nIf you were away it catches up by itself, you don’t click anything.'],
  [false, 'هل يمكنك إرسال العنوان مرة أخرى؟ لم أجده في الرسائل القديمة.'],
  [true, 'relay.hallway.example, port 8443'],
  [false, 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsvorstandsvorsitzender'],
  [true, '🎉🥳'],
  [false, '明日の会議は午後三時からです。資料は共有フォルダに入れておきました。確認をお願いします。'],
  [true, 'ok'],
  [
    false,
    'I read the whole operations page on the train. What I liked: backups are one file, the doctor command tells you what is wrong in plain words, and nothing phones home. What I would still like to know is how much disk a year of our chatter takes. We write a lot, mostly about who brings cake.',
  ],
  [true, 'About 40 MB a year for a choir like yours. Cake included.'],
  [false, 'const relay = await serve({\n  data: "/var/lib/parley",\n  port: 8443,\n});'],
  [true, 'שלום! זה עובד גם בעברית, כולל 123 מספרים.'],
  [false, 'See you at 7'],
];
