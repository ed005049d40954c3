/** Animals, plants and weather: an emoji, its name, and further words that find it. */

export const nature = `
🐶 dog face, puppy pet
🐱 cat face, kitten pet
🐭 mouse face
🐹 hamster, pet
🐰 rabbit face, bunny
🦊 fox
🐻 bear
🐼 panda
🐨 koala
🐯 tiger face
🦁 lion
🐮 cow face
🐷 pig face
🐸 frog
🐵 monkey face
🐔 chicken, hen
🐧 penguin
🐦 bird
🦆 duck
🦉 owl
🦇 bat
🐺 wolf
🐴 horse face
🦄 unicorn
🐝 honeybee, bee
🐛 bug, caterpillar
🦋 butterfly
🐌 snail, slow
🐞 ladybird, beetle
🐜 ant
🕷️ spider
🐢 turtle, slow
🐍 snake
🦖 dinosaur, t-rex
🐙 octopus
🦀 crab
🐠 tropical fish
🐬 dolphin
🐳 whale
🦈 shark
🐊 crocodile
🐘 elephant
🦒 giraffe
🦔 hedgehog
🐾 paw prints, pet
🌵 cactus
🎄 Christmas tree
🌲 evergreen tree, forest
🌳 deciduous tree, forest
🌴 palm tree, holiday
🌱 seedling, plant grow
🌿 herb, plant
🍀 four-leaf clover, luck
🍁 maple leaf, autumn
🍂 fallen leaves, autumn
🍄 mushroom
💐 bouquet, flowers
🌷 tulip, flower
🌹 rose, flower love
🌻 sunflower, flower
🌸 cherry blossom, flower spring
🌼 blossom, flower
🌍 globe, earth world
🌙 crescent moon, night
🌕 full moon, night
⭐ star
🌟 glowing star
✨ sparkles, new shiny
⚡ lightning, fast electricity
🔥 fire, hot lit flame
🌈 rainbow
☀️ sun, sunny weather
⛅ sun behind cloud, weather
☁️ cloud, weather
🌧️ rain cloud, weather
⛈️ thunderstorm, weather
❄️ snowflake, cold winter
⛄ snowman, winter
🌊 wave, sea water
💧 droplet, water
☔ umbrella, rain
`;
