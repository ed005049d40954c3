/** Food and drink: an emoji, its name, and further words that find it. */

export const food = `
🍎 red apple, fruit
🍐 pear, fruit
🍊 tangerine, orange fruit
🍋 lemon, fruit
🍌 banana, fruit
🍉 watermelon, fruit
🍇 grapes, fruit wine
🍓 strawberry, fruit
🍒 cherries, fruit
🍑 peach, fruit
🥭 mango, fruit
🍍 pineapple, fruit
🥥 coconut
🥝 kiwi fruit
🍅 tomato
🥑 avocado
🥦 broccoli
🥕 carrot
🌽 corn
🌶️ hot pepper, chilli spicy
🥔 potato
🧄 garlic
🧅 onion
🥜 peanuts, nuts
🍞 bread
🥐 croissant, breakfast
🥖 baguette, bread
🥨 pretzel
🧀 cheese
🥚 egg
🍳 frying pan, egg cooking breakfast
🥞 pancakes, breakfast
🥓 bacon
🍔 hamburger, burger
🍟 French fries, chips
🍕 pizza
🌭 hot dog
🥪 sandwich
🌮 taco
🌯 burrito, wrap
🥗 salad
🍝 spaghetti, pasta
🍜 noodles, ramen soup
🍲 pot of food, stew
🍛 curry, rice
🍣 sushi
🍙 rice ball
🍚 cooked rice
🍤 fried shrimp
🥟 dumpling
🍦 ice cream
🍩 doughnut
🍪 cookie, biscuit
🎂 birthday cake
🍰 cake
🧁 cupcake
🥧 pie
🍫 chocolate
🍬 sweet, candy
🍯 honey
🍿 popcorn, cinema
☕ coffee, hot drink
🍵 tea, hot drink
🥛 glass of milk
🧃 juice
🥤 cup with straw, drink
🍺 beer
🍻 clinking beer mugs, cheers
🥂 clinking glasses, cheers champagne
🍷 wine
🥃 tumbler, whisky
🍸 cocktail
🍾 bottle with popping cork, champagne celebrate
🍴 fork and knife, meal lunch dinner
🍽️ plate, meal lunch dinner
`;
