/** Hands, gestures and people: an emoji, its name, and further words that find it. */

export const people = `
👍 thumbs up, yes good like agree ok
👎 thumbs down, no bad dislike
👏 clapping hands, applause bravo
🙌 raised hands, hooray celebrate praise
🙏 folded hands, thanks please pray
🤝 handshake, deal agree
👋 waving hand, hello bye hi
🤚 raised back of hand
✋ raised hand, stop high five
🖐️ hand with fingers splayed, five
🖖 vulcan salute, spock
👌 ok hand, perfect
🤌 pinched fingers, italian
🤏 pinching hand, small little
✌️ victory hand, peace two
🤞 crossed fingers, luck hope
🤟 love-you gesture
🤘 sign of the horns, rock metal
🤙 call me hand, phone shaka
👈 pointing left
👉 pointing right
👆 pointing up
👇 pointing down
☝️ index pointing up, one
✊ raised fist, power
👊 oncoming fist, punch bump
💪 flexed biceps, strong muscle
🫶 heart hands, love
👐 open hands
🤲 palms up together
✍️ writing hand, note
💅 nail polish, beauty
👀 eyes, look see watching
🧠 brain, clever
👂 ear, listen
👃 nose, smell
👶 baby, child
🧒 child, kid
👩 woman
👨 man
🧓 older person, old
🤷 shrugging person, dunno whatever
🤦 person facepalming, oh no
🙋 person raising hand, me question
🙅 person gesturing no, stop
🙆 person gesturing ok
💁 person tipping hand, info
🙇 person bowing, sorry thanks
🕺 man dancing, dance party
💃 woman dancing, dance party
🏃 person running, hurry run
🚶 person walking, walk
🧘 person in lotus position, yoga calm
🛌 person in bed, sleep
👨‍👩‍👧 family, parents child
👫 couple holding hands, pair
🫂 people hugging, hug comfort
🧑‍💻 technologist, computer work
🧑‍🍳 cook, chef
🧑‍🎤 singer, music
🧑‍🏫 teacher, school
🧑‍⚕️ health worker, doctor nurse
🦸 superhero, hero
🎅 Santa Claus, christmas
🧑‍🚀 astronaut, space
`;
