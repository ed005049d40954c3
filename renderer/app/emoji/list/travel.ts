/** Vehicles and places: an emoji, its name, and further words that find it. */

export const travel = `
🚗 car, drive
🚕 taxi, cab
🚌 bus
🚑 ambulance
🚒 fire engine
🚓 police car
🚚 lorry, truck delivery
🚜 tractor
🏍️ motorcycle
🛵 scooter
🚲 bicycle, bike
🛴 kick scooter
🚆 train
🚇 underground, metro
🚊 tram
🚄 high-speed train
✈️ aeroplane, plane flight
🛫 departure, plane flight
🛬 arrival, plane landing
🚀 rocket, launch fast
🛸 flying saucer, ufo
🚁 helicopter
⛵ sailing boat
🚤 speedboat
🚢 ship, cruise
⚓ anchor
⛽ fuel pump, petrol
🚧 construction, work
🚦 traffic light
🗺️ map, world
🧭 compass
🧳 suitcase, luggage travel
🏔️ mountain, snow
🌋 volcano
🏕️ camping, tent
🏖️ beach, holiday
🏝️ desert island
🏠 house, home
🏡 house with garden, home
🏢 office building, work
🏥 hospital
🏫 school
🏭 factory
🏰 castle
⛪ church
🕌 mosque
🕍 synagogue
🗼 tower
🗽 Statue of Liberty
🌉 bridge at night
🌅 sunrise, morning
🌇 sunset, evening
🌃 night with stars
🌌 milky way, space
⛲ fountain
🎡 Ferris wheel
🏟️ stadium
`;
