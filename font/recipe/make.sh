#!/bin/sh
# Cut the embedded font anew: recipe/make.sh SOURCE.ttf LICENCE [UNIHAN FOLDER]
#
# SOURCE.ttf and LICENCE are 400Regular/NotoSerifSC_400Regular.ttf and LICENSE_FONT of the npm package
# @expo-google-fonts/noto-serif-sc 0.4.3 (Noto Serif SC Regular, SIL Open Font License 1.1), unpacked.
# Needs, and installs nothing of it: pyftsubset (Debian: fonttools), python3, sha256sum and the Unihan data of
# Debian's unicode-data, by default in /usr/share/unicode.
# The same source and the same fonttools give the same bytes; the last line checks them against SHA256SUMS.
set -eu

if [ $# -lt 2 ]; then
	sed -n '2,7p' "$0" >&2
	exit 2
fi
source=$1
licence=$2
unihan=${3:-/usr/share/unicode}
here=$(cd "$(dirname "$0")" && pwd)
for tool in pyftsubset python3 sha256sum; do
	command -v "$tool" >/dev/null || { echo "make.sh needs $tool" >&2; exit 1; }
done

echo "c358a69de3df5f423a8946a7b03e3126fb6ba116f1130a463455b4e39e1f0742  $source" | sha256sum --check --quiet

points=$(mktemp)
trap 'rm -f "$points"' EXIT
python3 "$here/characters.py" "$unihan" >"$points"

# Outlines only: no hinting, no layout features, no vertical metrics, no glyph names.
pyftsubset "$source" \
	--unicodes-file="$points" \
	--output-file="$here/../NotoSerifSC-Regular.subset.ttf" \
	--no-hinting \
	--layout-features='' \
	--drop-tables+=BASE,GDEF,GPOS,GSUB,STAT,VORG,gasp,prep,vhea,vmtx \
	--name-IDs=0,1,2,3,4,5,6,13,14 --name-languages=0x409 \
	--notdef-outline --no-glyph-names --no-recalc-timestamp
cp "$licence" "$here/../OFL.txt"
cd "$here/.." && sha256sum --check "$here/SHA256SUMS"
