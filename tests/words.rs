//! What counts as a word, held together with the browser's side: this writes what the program reads in
//! texts of many scripts, and `tests/browser/search.test.mjs` reads the same texts there.
//! After a wanted change: `UPDATE_GOLDEN=1 cargo test --test words`.

mod support;

use fieldbook::words::{Form, tokens};
use support::{assert_golden, tests_folder};

const TEXTS: &[&str] = &[
    "Labels matter more than amounts.",
    "What did we learn? That it's the label, not the price!",
    "getUserName getURLPath HTTPServer parseHTML5 APIs iOS17 S3Bucket OAuth2Token x86_64 utf8Error",
    "snake_case SCREAMING_CASE __init__ _private trailing_ a__b kebab-case --flag -x foo-_bar",
    "a.b.c std::fs::File fieldbook.toml .gitignore ../path/to/file.rs https://example.com/a?b=c#d ana@example.com",
    "1.2.3 v1.2.3 2026-03-04 10:30 3.14 1,000.50 1'000 10_000 50% $9.99 №5 ½ x² H₂O",
    "C++ C# F# c++11 a++b c+++ C#7 #tag ++ g++",
    "don't don’t o'clock rock'n'roll 'quoted' ‘quoted’ dogs' l'avion aujourd’hui",
    "e.g. i.e. U.S.A. end.Next wait...what A.B",
    "well‐known non‑breaking em—dash en–dash soft\u{ad}hyphen zero\u{200b}width join\u{2060}er",
    "Ärger größer STRASSE Straße ẞ naïve café CAFÉ façade Œuvre Ærø Łódź Đặng þorn ıĞ İstanbul",
    "ﬁne ﬀ Ⅷ ① ㎏ Ａｂｃ １２３ ｶﾞｲﾄﾞ ﾊﾟﾝ ㍿ ℃ K Å",
    "e\u{301}te\u{301} n\u{303} a\u{323}\u{302} \u{301}lone x\u{308}\u{301}",
    "日本語のテスト 日本 山 「引用」、句点。漢字カナかな交じり文 ー 々 〇 東京タワー2024年 JavaScriptの使い方 getUserNameを呼ぶ",
    "我们学到了什么？退款标签比价格更重要。 中文English混排 API文档",
    "한국어 검색 엔진을 테스트합니다 각 ᄒᆞᆫ글",
    "ภาษาไทยไม่มีช่องว่าง กำ น้ำ กี่ ก",
    "ພາສາລາວ ភាសាខ្មែរ မြန်မာဘာသာ",
    "हिन्दी में खोज क्या सीखा क़लम संस्कृतम् বাংলা தமிழ் తెలుగు ಕನ್ನಡ മലയാളം ਪੰਜਾਬੀ ગુજરાતી සිංහල",
    "العَرَبِيَّة أحمد إبراهيم آمن مؤمن بئر العـــربية ٣٫١٤ ۱۲۳ فارسی می\u{200c}خواهم",
    "שָׁלוֹם עוֹלָם יִשְׂרָאֵל בע\"מ",
    "Ёлка мой йод Україна їжак київський сто\u{301}ит",
    "Ελλάς ΌΔΟΣ άέήίόύώ Σίσυφος",
    "Việt Nam Đường Phở ưu ƠN",
    "Flugpreisvergleich Rindfleischetikettierung Stornierungsbedingungen",
    "550e8400-e29b-41d4-a716-446655440000 deadbeef da39a3ee5e6b4b0d3255bfef95601890afd80709 0123456789abcdef01234567 0123456789abcdef012345678",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q aa_bb_cc_dd_ee_ff_gg_hh_ii_jj_kk_ll_mm_nn_oo_pp_qq",
    "x1y2 FLEX-112 flex112 SRCH-201: ISO-8859-1 UTF-8 RFC2119 covid-19 24/7 A/B",
    "🙂 smile🙂face 👩\u{200d}💻 ☎️ a\u{fe0f}b 🇩🇪",
    "𝒜𝓁𝓅𝒽𝒶 𠮷野家 𐐀𐐨 ŉ ǅ ᾳ",
    "tab\tnew\nline\r\n nul\u{0} nbsp\u{a0}x ideographic　space",
    "\u{feff}bom mixed\u{feff}in Zürich’s well-being's",
    "अ\u{94d} \u{94d}lone ก\u{e31}\u{e48} \u{e31}lone",
    "",
];

#[test]
fn words_of_many_scripts_are_as_they_were() {
    // Each line by itself, too, and each of its words: what stands beside a word must not change it.
    let mut texts: Vec<String> = TEXTS.iter().map(|text| (*text).to_owned()).collect();
    texts.extend(TEXTS.iter().flat_map(|text| text.split(' ')).map(str::to_owned));
    let mut seen = std::collections::HashSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    let lines = texts.iter().map(|text| {
        let units = |byte: usize| text[..byte].encode_utf16().count();
        let mut found = Vec::new();
        tokens(text, 0, |token| {
            let form = match token.form {
                Form::Word => "word",
                Form::Whole => "whole",
                Form::Part => "part",
                Form::Gram => "gram",
            };
            let range = (units(token.range.start), units(token.range.end));
            found.push((token.text.to_owned(), form, token.position, range.0, range.1));
        });
        serde_json::to_string(&(text, found)).unwrap()
    });
    let json = format!("[\n{}\n]\n", lines.collect::<Vec<_>>().join(",\n"));
    assert_golden(&tests_folder().join("golden/words.json"), &json).unwrap();
}
