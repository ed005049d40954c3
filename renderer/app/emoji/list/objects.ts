/** Things: an emoji, its name, and further words that find it. */

export const objects = `
⌚ watch, time
📱 mobile phone
💻 laptop, computer
🖥️ desktop computer
⌨️ keyboard
🖨️ printer
🖱️ computer mouse
💾 floppy disk, save
💿 optical disc
📷 camera, photo
📹 video camera
📺 television, tv
📻 radio
🎙️ studio microphone, podcast
☎️ telephone
🔋 battery
🔌 electric plug
💡 light bulb, idea
🔦 torch, light
🕯️ candle
🗑️ wastebasket, bin delete
💸 money with wings
💶 euro banknote, money
💳 credit card, pay
🧾 receipt
💎 gem, diamond
⚖️ scales, law
🔧 spanner, tool fix
🔨 hammer, tool
🛠️ hammer and spanner, tools
🪛 screwdriver, tool
⚙️ gear, settings
🧲 magnet
🧪 test tube, science
🔬 microscope, science
🔭 telescope
🩹 sticking plaster, hurt
💊 pill, medicine
💉 syringe, vaccine
🚪 door
🛋️ couch, sofa
🛏️ bed, sleep
🚿 shower
🛁 bathtub
🧹 broom, clean
🧺 basket, laundry
🧻 toilet paper
🧼 soap, wash
🔑 key
🗝️ old key
🔒 locked, secure
🔓 unlocked, open
📦 package, parcel
✉️ envelope, letter mail
📧 e-mail, mail
📮 postbox
📝 memo, note write
📄 page, document
📅 calendar, date
📈 chart going up, growth
📉 chart going down
📊 bar chart
📌 pushpin, pin
📍 map pin, location place
📎 paperclip, attachment
📏 ruler
✂️ scissors, cut
📚 books, read study
📖 open book, read
🔖 bookmark
📰 newspaper, news
🔍 magnifying glass, search find
⏰ alarm clock, time wake
⏳ hourglass, wait time
🧸 teddy bear, toy
👓 glasses
🕶️ sunglasses
👕 T-shirt, clothes
👗 dress, clothes
👟 running shoe
👑 crown, king queen
🎓 graduation cap, school
💍 ring, wedding
💄 lipstick
☂️ open umbrella, rain
💣 bomb
🔔 bell, notification
📢 loudspeaker, announcement
`;
