// The emoji of the picker: each with its name, which is said aloud and searched, in English and in French. The names stand
// here rather than in the translations: a hundred and seventy of them make sense only beside their pictures.

const GROUPS = {
  faces: `
😀 grinning, happy | sourire, content
😄 big smile, happy | grand sourire, joie
😁 beaming smile | sourire radieux
😅 sweating smile, phew | sourire gêné, ouf
😂 tears of joy, laugh, lol | larmes de joie, rire, mdr
🤣 rolling with laughter, lol | mort de rire, mdr
🙂 slight smile | léger sourire
🙃 upside down | à l'envers
😉 wink | clin d'œil
😊 blush, shy smile | rougir, timide
😇 halo, angel | auréole, ange
🥰 in love, hearts | amoureux, cœurs
😍 heart eyes, love | yeux en cœur, amour
😘 kiss | bisou
😋 yummy, tasty | miam, délicieux
😜 winking tongue, joke | langue, blague
🤪 zany, crazy | fou, dingue
🤗 hug | câlin
🤭 giggle, hand over mouth | glousser, main sur la bouche
🤫 quiet, hush | silence, chut
🤔 thinking | réfléchir, hmm
😐 neutral | neutre
🙄 rolling eyes | yeux au ciel
😏 smirk | sourire en coin
😌 relieved, calm | soulagé, calme
😴 sleeping, tired | dormir, fatigué
🤤 drooling | baver
😎 sunglasses, cool | lunettes de soleil, cool
🤓 nerd, glasses | intello, lunettes
🥳 party, birthday | fête, anniversaire
😕 confused | perplexe
🙁 slight frown | déçu
😮 surprised, wow | surpris, oh
🥺 pleading, please | supplier, s'il te plaît
😢 crying, sad | pleurer, triste
😭 sobbing, sad | sangloter, triste
😱 screaming, fear | crier, peur
😤 huffing, proud | fier, agacé
😡 angry, red | en colère, rouge
🤯 mind blown | tête explosée
🥶 freezing, cold | gelé, froid
🥵 hot, heat | chaud, chaleur
🤢 sick, nauseous | malade, nausée
🤒 ill, fever | malade, fièvre
🤠 cowboy | cow-boy
👻 ghost | fantôme
💀 skull, dead | crâne, mort
🤖 robot | robot
😺 smiling cat | chat souriant
🙈 see no evil, monkey | singe, ne rien voir`,
  people: `
👍 thumbs up, yes, good | pouce levé, oui, bien
👎 thumbs down, no, bad | pouce baissé, non
👌 ok | ok
✌️ victory, peace | victoire, paix
🤞 fingers crossed, luck | croiser les doigts, chance
🤟 love you | je t'aime
🤙 call me | appelle-moi
👋 wave, hello, bye | coucou, salut
👏 clapping, bravo | applaudir, bravo
🙌 raised hands, hooray | mains levées, hourra
🙏 thanks, please, pray | merci, prière
🤝 handshake, deal | poignée de main, accord
💪 strong, muscle | fort, muscle
👀 eyes, look | yeux, regarder
🧠 brain | cerveau
🤦 facepalm | paume sur le visage
🤷 shrug | hausser les épaules
🙋 raising hand | lever la main
💃 dancing woman | danseuse
🕺 dancing man | danseur
🏃 running | courir
🧘 yoga, calm | yoga, calme
👶 baby | bébé
👑 crown, king, queen | couronne, roi, reine`,
  hearts: `
❤️ red heart, love | cœur rouge, amour
🧡 orange heart | cœur orange
💛 yellow heart | cœur jaune
💚 green heart | cœur vert
💙 blue heart | cœur bleu
💜 purple heart | cœur violet
🖤 black heart | cœur noir
🤍 white heart | cœur blanc
💔 broken heart | cœur brisé
💕 two hearts | deux cœurs
💖 sparkling heart | cœur brillant
💯 hundred, perfect | cent, parfait
✨ sparkles | étincelles
⭐ star | étoile
🔥 fire, hot | feu, génial
💥 boom | boum
🎉 party, congratulations | fête, félicitations
💫 dizzy, star | étourdi, étoile
✅ done, check | fait, coche
❌ no, cross | non, croix
❓ question | question
❗ exclamation | exclamation`,
  nature: `
🐶 dog | chien
🐱 cat | chat
🐭 mouse | souris
🐰 rabbit | lapin
🦊 fox | renard
🐻 bear | ours
🐼 panda | panda
🦁 lion | lion
🐸 frog | grenouille
🐵 monkey | singe
🐧 penguin | pingouin
🦉 owl | hibou
🦄 unicorn | licorne
🐝 bee | abeille
🦋 butterfly | papillon
🐢 turtle | tortue
🐙 octopus | poulpe
🐬 dolphin | dauphin
🌸 blossom, flower | fleur de cerisier
🌻 sunflower | tournesol
🌹 rose | rose
🌱 seedling, plant | pousse, plante
🌲 tree | arbre, sapin
🌙 moon, night | lune, nuit
☀️ sun | soleil
🌈 rainbow | arc-en-ciel
☁️ cloud | nuage
🌧️ rain | pluie
❄️ snow | neige
🌊 wave, sea | vague, mer`,
  food: `
☕ coffee | café
🍵 tea | thé
🍺 beer | bière
🍷 wine | vin
🥂 cheers, champagne | santé, champagne
🍕 pizza | pizza
🍔 burger | burger
🍟 fries | frites
🌮 taco | taco
🍣 sushi | sushi
🍜 noodles, soup | nouilles, soupe
🥗 salad | salade
🍞 bread | pain
🥐 croissant | croissant
🧀 cheese | fromage
🍎 apple | pomme
🍓 strawberry | fraise
🍌 banana | banane
🍉 watermelon | pastèque
🥑 avocado | avocat
🍪 cookie | biscuit
🍫 chocolate | chocolat
🎂 birthday cake | gâteau d'anniversaire
🍦 ice cream | glace`,
  things: `
🎬 clap, film | clap, film
📷 camera, photo | appareil photo
🎥 film camera | caméra
🎤 microphone, sing | micro, chanter
🎧 headphones, music | casque, musique
🎵 music, note | musique, note
🎸 guitar | guitare
🎮 video game | jeu vidéo
🎨 art, paint | art, peinture
📚 books | livres
💡 idea, bulb | idée, ampoule
💻 computer | ordinateur
📱 phone | téléphone
⏰ alarm clock | réveil
📅 calendar, date | calendrier, date
📌 pin | épingle
🎁 gift, present | cadeau
🎈 balloon | ballon
💰 money | argent
🛒 shopping cart | chariot, courses
⚽ football, soccer | football
🏀 basketball | basket
🏆 trophy, win | trophée, gagner
🚲 bicycle | vélo
🚗 car | voiture
✈️ plane, travel | avion, voyage
🚀 rocket | fusée
🏠 house, home | maison
🏖️ beach, holiday | plage, vacances
🌍 earth, world | terre, monde
🗺️ map | carte
🔒 locked | cadenas`,
};

const french = document.documentElement.lang.startsWith("fr");

const parse = (lines) =>
  lines.trim().split("\n").map((line) => {
    const place = line.indexOf(" ");
    const [english, francais] = line.slice(place + 1).split(" | ");
    return { emoji: line.slice(0, place), name: french ? francais : english };
  });

export const groups = Object.entries(GROUPS).map(([key, lines]) => ({ key, emoji: parse(lines) }));
