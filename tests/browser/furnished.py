"""What the furnishing puts where: plain values, for it and for the tests."""

PASSWORD = "tiga kata biasa"
TOTP_SECRET = "JBSWY3DPEHPK3PXP"
# One case for each language and width, so that each walk begins alike.
WALKED = {
    "id-360": "33.26.02.2001",
    "id-1280": "33.26.02.2002",
    "en-360": "33.26.02.2003",
    "en-1280": "33.26.02.2004",
    "no-script": "33.26.02.2005",
}
# Cut at 200 and 60 letters, the longest that a title and a name may be.
LONG_TITLE = (
    "Penghidupan berkelanjutan keluarga penderes nira aren dan petani kopi " * 3
)
LONG_VILLAGE = "Nagari Sungai Naniang Bukik Limbuku Baruah Gunuang Sarilamak"
