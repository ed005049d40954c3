/** Faces and feelings: an emoji, its name, and further words that find it. */

export const smileys = `
😀 grinning face, happy smile
😃 grinning face with big eyes, happy joy
😄 grinning face with smiling eyes, happy laugh
😁 beaming face, grin teeth happy
😆 laughing face, haha squint
😅 grinning face with sweat, relief nervous
🤣 rolling on the floor laughing, rofl lol haha
😂 tears of joy, lol laugh crying haha
🙂 slightly smiling face, smile
🙃 upside-down face, silly irony
😉 winking face, wink
😊 smiling face with smiling eyes, blush warm
😇 smiling face with halo, angel innocent
🥰 smiling face with hearts, love adore
😍 heart eyes, love crush
🤩 star eyes, excited wow
😘 face blowing a kiss, kiss love
😗 kissing face, kiss
😋 savouring food, yum delicious tongue
😛 face with tongue, silly
😜 winking face with tongue, joke silly
🤪 zany face, crazy goofy
🤑 money face, rich
🤗 hugging face, hug thanks
🤭 hand over mouth, oops giggle
🤫 shushing face, quiet secret
🤔 thinking face, hmm wonder
🤐 zipper mouth, secret silent
🤨 raised eyebrow, sceptical doubt
😐 neutral face, meh
😑 expressionless face, blank
😶 face without mouth, speechless
😏 smirking face, smug
😒 unamused face, annoyed
🙄 rolling eyes, annoyed
😬 grimacing face, awkward nervous
🤥 lying face, nose lie
😌 relieved face, calm content
😔 pensive face, sad
😪 sleepy face, tired
🤤 drooling face, hungry
😴 sleeping face, sleep tired zzz
😷 face with mask, ill sick
🤒 face with thermometer, ill fever
🤕 bandaged head, hurt
🤢 nauseated face, sick disgust
🤮 vomiting face, sick
🤧 sneezing face, cold
🥵 hot face, heat
🥶 cold face, freezing
🥴 woozy face, dizzy
😵 dizzy face, knocked out
🤯 exploding head, mind blown shocked
🤠 cowboy hat face
🥳 partying face, party celebrate birthday
😎 smiling face with sunglasses, cool
🤓 nerd face, glasses clever
🧐 face with monocle, inspect
😕 confused face, unsure
😟 worried face, concern
🙁 slightly frowning face, sad
😮 face with open mouth, wow surprise
😲 astonished face, wow shocked
😳 flushed face, embarrassed
🥺 pleading face, please puppy
😨 fearful face, scared
😰 anxious face with sweat, nervous
😥 sad but relieved face, disappointed
😢 crying face, sad tear
😭 loudly crying face, sad sob
😱 screaming in fear, scared shocked
😖 confounded face, struggle
😣 persevering face, struggle
😞 disappointed face, sad
😓 downcast face with sweat, hard work
😩 weary face, tired
😫 tired face, exhausted
🥱 yawning face, bored tired
😤 steaming nose, proud huff
😡 pouting face, angry rage
😠 angry face, mad
🤬 swearing face, curse
😈 smiling face with horns, devil
💀 skull, dead
💩 pile of poo
🤡 clown face
👻 ghost, halloween boo
👽 alien, ufo
🤖 robot, bot
😺 grinning cat
😻 cat with heart eyes
🙀 weary cat, shocked
🙈 see-no-evil monkey, hide
🙉 hear-no-evil monkey
🙊 speak-no-evil monkey, secret
`;
