"""Colours and letters of the figures. Each colour differs from the others in lightness too, so that a copy in grey can
be read, and hue never carries a meaning alone. Renderings that know a dark mode replace these exact values by
variables."""

INK = "#1d2a33"
MUTED = "#5c6b75"
GRID = "#dfe4e7"
SURFACE = "#fdfdfc"
PERSON = "#8fa1ad"
MODEL = "#0a5a78"
BAND = "#b9d5df"
EVENT = "#a4551e"
FELL = "#8a3a12"
ROSE = "#3f8fb5"
WITHIN = "#d3dade"
ZONE = "#d2d9dd"  # of what is too small to matter: words and dots stand on it
# Text on a light and on a dark bar: the same in light and dark.
ON_LIGHT = "#26333c"
ON_DARK = "#fbfbfa"

VARIABLES = {
    INK: "ink",
    MUTED: "muted",
    GRID: "grid",
    SURFACE: "surface",
    PERSON: "person",
    MODEL: "model",
    BAND: "band",
    EVENT: "event",
    FELL: "fell",
    ROSE: "rose",
    WITHIN: "within",
    ZONE: "zone",
}

# Named in every drawing: a renderer without a font for words leaves them out.
FONT = "Helvetica, Arial, sans-serif"

# On white paper: the ground of the page behind dots and words.
ON_PAPER = {SURFACE: "#ffffff"}
