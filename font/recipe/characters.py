#!/usr/bin/python3
"""Print the code points of the embedded subset, one U+XXXX a line, in order.

Usage: characters.py FOLDER, where FOLDER holds Unihan_OtherMappings.txt.bz2 (Debian: unicode-data).
"""
import bz2
import sys

# Ranges wanted besides Chinese characters; pyftsubset leaves out what the font does not draw.
RANGES = [
    (0x0020, 0x007E),  # Basic Latin
    (0x00A0, 0x00FF),  # Latin-1
    (0x0100, 0x017F),  # Latin Extended-A: pinyin with tone marks, names
    (0x01CD, 0x01DC),  # pinyin
    (0x02C7, 0x02D9),  # tone marks
    (0x0391, 0x03C9),  # Greek of GB 2312
    (0x0401, 0x0451),  # Cyrillic of GB 2312
    (0x2010, 0x2044),  # General punctuation, without the marks that steer direction (2028..202E are not drawn)
    (0x20A0, 0x20BF),  # Currency
    (0x2100, 0x214F),  # Letterlike: the signs for number, degree Celsius
    (0x2150, 0x218B),  # Number forms, Roman numerals
    (0x2190, 0x21FF),  # Arrows
    (0x2200, 0x22FF),  # Mathematical operators
    (0x2460, 0x24FF),  # Circled and bracketed digits
    (0x2500, 0x257F),  # Box drawing
    (0x2580, 0x25FF),  # Blocks, geometric shapes
    (0x2600, 0x2642),  # Stars, signs
    (0x2713, 0x2717),  # Ticks
    (0x3000, 0x303F),  # CJK symbols and punctuation
    (0x3041, 0x30FF),  # Kana of GB 2312
    (0x3105, 0x312F),  # Bopomofo
    (0x3220, 0x32B0),  # Bracketed and circled ideographs
    (0x338E, 0x33D5),  # Units
    (0xFE30, 0xFE4F),  # Vertical forms
    (0xFF01, 0xFF5E),  # Fullwidth forms
    (0xFFE0, 0xFFE6),  # Fullwidth signs
    (0xFFFD, 0xFFFD),
]


def main(folder):
    points = {p for first, last in RANGES for p in range(first, last + 1)}
    counts = {"kGB0": 0, "kTGH": 0}
    with bz2.open(f"{folder}/Unihan_OtherMappings.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if len(fields) == 3 and fields[1] in counts:
                points.add(int(fields[0][2:], 16))
                counts[fields[1]] += 1
    # GB 2312 has 6,763 Chinese characters, the general list of 2013 has 8,105: anything else means another file.
    if counts["kGB0"] < 6763 or counts["kTGH"] != 8105:
        sys.exit(f"{folder}: unexpected numbers of characters {counts}")
    for point in sorted(points):
        print(f"U+{point:04X}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
