/** Hearts, marks and signs: an emoji, its name, and further words that find it. */

export const symbols = `
❤️ red heart, love
🧡 orange heart, love
💛 yellow heart, love
💚 green heart, love
💙 blue heart, love
💜 purple heart, love
🖤 black heart
🤍 white heart
🤎 brown heart
💔 broken heart, sad
❤️‍🔥 heart on fire, love passion
💕 two hearts, love
💖 sparkling heart, love
💘 heart with arrow, love
💋 kiss mark
💯 hundred points, perfect
💢 anger symbol
💥 collision, boom
💫 dizzy star
💦 sweat droplets, water
💤 zzz, sleep
💬 speech bubble, talk message
💭 thought bubble, think
✅ check mark button, done yes
✔️ check mark, done yes
☑️ ticked box, done vote
❌ cross mark, no wrong
➕ plus
➖ minus
❓ question mark
❗ exclamation mark, important
‼️ double exclamation mark
⚠️ warning, caution
🚫 prohibited, no forbidden
⛔ no entry, stop
🛑 stop sign
♻️ recycling
🔴 red circle
🟠 orange circle
🟡 yellow circle
🟢 green circle
🔵 blue circle
🟣 purple circle
⚫ black circle
⚪ white circle
⬆️ up arrow
⬇️ down arrow
⬅️ left arrow
➡️ right arrow
↩️ arrow curving left, back reply
🔄 counterclockwise arrows, again refresh
🔙 back arrow
🔜 soon arrow
🔝 top arrow
🆗 OK button
🆕 new button
🆒 cool button
🆘 SOS button, help
ℹ️ information
🔇 muted speaker, silent
🔊 loud speaker, sound
▶️ play button
⏸️ pause button
⏹️ stop button
🔁 repeat button
🔀 shuffle button
♾️ infinity
☮️ peace symbol
☯️ yin yang
🏁 chequered flag, finish
🚩 red flag
🏳️‍🌈 rainbow flag, pride
🏴‍☠️ pirate flag
`;
