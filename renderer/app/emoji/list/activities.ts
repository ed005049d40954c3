/** Feasts, sports, games and arts: an emoji, its name, and further words that find it. */

export const activities = `
🎉 party popper, celebrate hooray congratulations
🎊 confetti ball, celebrate
🎈 balloon, birthday
🎁 present, gift birthday
🎀 ribbon
🎃 pumpkin, halloween
🎆 fireworks, new year
🏆 trophy, win prize
🥇 gold medal, first win
🥈 silver medal, second
🥉 bronze medal, third
🏅 sports medal
⚽ football, soccer
🏀 basketball
🏈 American football
⚾ baseball
🎾 tennis
🏐 volleyball
🏉 rugby
🏓 table tennis, ping pong
🏸 badminton
🏒 ice hockey
🥊 boxing glove
🥋 martial arts
⛷️ skier, ski winter
🏂 snowboarder, winter
🏄 surfing
🏊 swimming, swim
🚴 cycling, bicycle bike
🧗 climbing
🏋️ lifting weights, gym
⛳ golf
🎣 fishing
🎯 bullseye, target direct hit
🎳 bowling
🎮 video game, controller
🎲 dice, game
♟️ chess pawn, game
🧩 puzzle piece
🃏 joker, cards
🎭 theatre masks, drama
🎨 artist palette, art paint
🎬 clapper board, film movie
🎤 microphone, sing karaoke
🎧 headphones, music listen
🎵 musical note, music song
🎶 musical notes, music song
🎹 piano, music
🎸 guitar, music
🎻 violin, music
🎺 trumpet, music
🥁 drum, music
🎟️ ticket
🎪 circus tent
`;
