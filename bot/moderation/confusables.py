"""Characters that look like a letter of the ASCII, in small letters.

Made by tests/moderation/make_confusables.py from Unicode's confusables.txt 14.0.0 (Unicode
Technical Standard #39; © Unicode, Inc., Unicode License v3), with what styled texts add. Do not
edit by hand.
"""

from __future__ import annotations

# The same letter everywhere: identical, or of scripts in which no prompt is written.
SAME = {
    "a": "ɐɑаᎪᗅᴀ⍺ⲁꓮ𐊠𖽀",
    "b": "ƅɓʙᏏᏴᑲᖯᗷⲃꓐꞵ𐊂𐊡𐌁",
    "c": "ϲсᏟᴄⲥꓚ𐊢𐌂𐐽𐔜🝌",
    "d": "ɖɗԁᎠᏧᑯᗞᗪᴅꓒꓓ",
    "e": "ǝɘəеᎬᴇ℮ⲉⴹꓰꬲ𐊆𑣆𑣎",
    "f": "ƒɟᖴẝꓝꜰꞙꬵ𐊇𐊥𐔥𑣂",
    "g": "ƃƍɡɢᏀᏳᶃꓖ",
    "h": "ɥʜһᎻᏂᕼⲏꓧ𐋏",
    "i": "ıɩɪіᎥᴉ⍳ⲓ𑣃",
    "j": "ɟʝјᎫᒍᴊꓙ",
    "k": "ʞᏦᛕᴋⲕꓗ𐔘",
    "l": "ǀɩʟіᏞᒪᛁ⏽ⲓⳑⵏꓡꓲ𐊊𐌉𐑃𐔦𑣃𑣒𖼖𖼨",
    "m": "Ꮇᗰᛖᴍⲙꓟ𐊰𐌑",
    "n": "ɴⲛꓠ𐔓",
    "o": "οоᴏᴑⲟⵔꓳꬽ𐊒𐊫𐐬𐓪𐔖𑣈𑣕𑣗",
    "p": "рᏢᑭᴘ⍴ⲣꓑ𐊕",
    "q": "ԛⵕꞯ",
    "r": "ɹɾʀᎡᎱᏒᖇⲅꓣꭇꭈ𐓜𖼵",
    "s": "ƽѕᏕᏚꓢꜱ𐊖𐑈𑣁𖼺",
    "t": "ʇᎢᴛⲧꓔ𐊗𐊱𐌕𑣜𖼊🝨",
    "u": "ʋᑌᴜꓴꞟꭎꭒ𐓶𑣘𖽂",
    "v": "ʌᏙᐯᴠⴸꓦꛟ𐔝𑜆𑣀𖼈",
    "w": "ɯʍԝᎳᏔᴡꓪ𑜊𑜎𑜏",
    "x": "хᕁᕽ᙭ᚷ╳ⲭⵝꓫꭓ𐊐𐊴𐌗𐔧",
    "y": "ɣʎʏуүᎩᎽᶌỿⲩꓬꭚ𐊲𑣄𑣜𖽃",
    "z": "Ꮓᴢꓜ𑣄𑣉",
}

# Letters of scripts that prompts are written in: alike in a word of mixed scripts alone.
ALIKE = {
    "a": "αд",
    "b": "βвь",
    "e": "εэєҽ",
    "f": "ϝфք𝈓",
    "g": "ԍց",
    "h": "нհ",
    "i": "ιꙇ",
    "j": "ϳ",
    "k": "κк",
    "l": "ιוןاߊ𝈪",
    "m": "ϻм",
    "n": "ηπипոռ",
    "o": "σօסهھہەଠഠဝჿዐ",
    "p": "ρ",
    "q": "գզ",
    "r": "гяᴦꓤ𝈖",
    "s": "տ",
    "t": "τт",
    "u": "μυицսሀ",
    "v": "νѵט𝈍",
    "w": "ωшщѡա",
    "x": "χж",
    "y": "γчყ",
    "z": "ζ",
}
