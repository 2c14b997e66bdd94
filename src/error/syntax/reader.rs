//! What the TOML reader says, and what dctx says of it.

/// Texts of the reader (`*`: whatever follows) that mean the same to a person, in English and in Chinese.
pub(super) type Row = (&'static [&'static str], &'static str, &'static str);

/// Every text of the reader. The first row that fits counts.
pub(super) const READER: [Row; 54] = [
    (&["unclosed table"], "the header of a table has no ] at its end", "表头末尾缺少 ]"),
    (&["unclosed array table"], "the header of a table has no ]] at its end", "表头末尾缺少 ]]"),
    (&["invalid table"], "there is no name in the header of a table", "表头中没有名称"),
    (&["missing table open"], "the header of a table has no [ at its beginning", "表头开头缺少 ["),
    (
        &["key with no value", "missing value for key"],
        "a key must be followed by = and a value",
        "键的后面要有 = 和值",
    ),
    (&["missing value"], "there is no value after =", "= 后面没有值"),
    (&["extra `=`"], "there is one = too many", "多了一个 ="),
    (&["missing inline table opening"], "there is a } without a { before it", "} 之前没有 {"),
    (&["missing array opening"], "there is a ] without a [ before it", "] 之前没有 ["),
    (&["extra comma in array"], "there is a comma too many in a list", "列表中多了一个逗号"),
    (
        &["unexpected `=` in array"],
        "there is a = in a list; is its ] missing?",
        "列表中有 =，是否缺少 ]？",
    ),
    (
        &["missing comma between array elements"],
        "a comma is missing between two values of a list, or the ] at its end",
        "列表的两个值之间缺少逗号，或末尾缺少 ]",
    ),
    (&["unclosed array"], "a list has no ] at its end", "列表末尾缺少 ]"),
    (
        &["extra comma in inline table"],
        "there is a comma too many between { and }",
        "{ 和 } 之间多了一个逗号",
    ),
    (
        &["extra assignment between key-value pairs"],
        "there is one = too many between { and }, or a comma is missing",
        "{ 和 } 之间多了一个 =，或缺少逗号",
    ),
    (
        &["missing key for inline table element"],
        "there is a value without a name between { and }",
        "{ 和 } 之间有一个值没有名称",
    ),
    (
        &["missing assignment between key-value pairs"],
        "there is a name without = and a value between { and }",
        "{ 和 } 之间有一个名称后面没有 = 和值",
    ),
    (
        &["invalid inline table element"],
        "between { and } there must be NAME = \"value\", with commas between them",
        "{ 和 } 之间应为 NAME = \"value\"，用逗号分隔",
    ),
    (
        &["missing comma between key-value pairs"],
        "a comma is missing between { and }, or the } at the end",
        "{ 和 } 之间缺少逗号，或末尾缺少 }",
    ),
    (&["unclosed inline table"], "a table in braces has no } at its end", "花括号中的表末尾缺少 }"),
    (
        &["unexpected key or value"],
        "nothing but a comment may follow on this line",
        "这里之后，同一行只能有注释",
    ),
    (
        &["unexpected content between comment and newline", "invalid comment character"],
        "there is a character here that a comment may not contain",
        "这里有注释中不能使用的字符",
    ),
    (&["unexpected content"], "this belongs to nothing", "这部分内容不属于任何键或表"),
    (&["invalid key-value pair"], "there must be a key before =", "= 之前要有键"),
    (
        &["cannot recurse further; max recursion depth met", "recursion limit"],
        "lists and tables are nested too deeply",
        "列表和表的嵌套太深",
    ),
    (
        &["keys cannot be multi-line literal strings", "keys cannot be multi-line basic strings"],
        "a key must not be in three quotes",
        "键不能用三个引号",
    ),
    (&["redundant numeric sign"], "a number has more than one sign", "数字有多余的正负号"),
    (
        &["integers with a radix cannot be signed"],
        "a number that begins with 0x, 0o or 0b has no sign",
        "以 0x、0o 或 0b 开头的数字不能带正负号",
    ),
    (
        &["radix must be lowercase"],
        "the x, o or b of a number must be in lower case",
        "数字前缀 x、o、b 必须小写",
    ),
    (
        &["redundant integer number prefix"],
        "a number has a prefix that it must not have",
        "数字有多余的前缀",
    ),
    (&["unexpected leading zero"], "a number must not begin with 0", "数字不能以 0 开头"),
    (&["unexpected sign"], "there is a sign too many in a number", "数字中多了一个正负号"),
    (
        &["`_` may only go between digits"],
        "_ may only be between two digits",
        "_ 只能放在两个数字之间",
    ),
    (&["missing opening quote"], "a text has no quote at its beginning", "文本开头缺少引号"),
    (
        &["string values must be quoted", "invalid string"],
        "a text must be in quotes",
        "文本必须加引号",
    ),
    (&["missing comment start"], "a comment must begin with #", "注释必须以 # 开头"),
    (
        &["carriage return must be followed by newline"],
        "a line ends in CR alone; lines must end in LF or CRLF",
        "有一行只以 CR 结尾；行尾必须是 LF 或 CRLF",
    ),
    (
        &["missing escaped value"],
        "there is an unknown escape: in double quotes \\ is written \\\\",
        "未知的转义：双引号中的 \\ 要写成 \\\\",
    ),
    (
        &["too few unicode value digits"],
        "there is an incomplete escape: in double quotes \\ is written \\\\",
        "转义不完整：双引号中的 \\ 要写成 \\\\",
    ),
    (&["invalid value"], "an escape names a character that does not exist", "转义表示的字符不存在"),
    (&["unquoted keys cannot be empty"], "a key has no name", "键没有名称"),
    (
        &["invalid unquoted key"],
        "a key may contain letters, digits, _ and -; others must be in quotes",
        "键只能含字母、数字、_ 和 -，其他字符要加引号",
    ),
    (&["invalid key"], "there must be a key here", "这里应为键"),
    (&["invalid boolean"], "this must be true or false, in lower case", "应为小写的 true 或 false"),
    (
        &[
            "invalid float",
            "invalid integer number",
            "invalid hexadecimal number",
            "invalid octal number",
            "invalid binary number",
            "invalid mantissa",
            "invalid fraction",
            "invalid exponent",
        ],
        "this is not a number; a text must be in quotes",
        "这不是数字；文本必须加引号",
    ),
    (
        &["invalid literal string, expected non-*", "invalid basic string, expected non-*"],
        "a text contains a control character",
        "文本中含有控制字符",
    ),
    (
        &["invalid date*"],
        "this is not a date; a text must be in quotes",
        "这不是日期；文本必须加引号",
    ),
    (
        &["invalid time*", "invalid offset*"],
        "this is not a time; a text must be in quotes",
        "这不是时间；文本必须加引号",
    ),
    (
        &["invalid literal string"],
        "a text in single quotes has no ' at its end",
        "单引号中的文本末尾缺少 '",
    ),
    (
        &["invalid basic string"],
        "a text in double quotes has no \" at its end",
        "双引号中的文本末尾缺少 \"",
    ),
    (
        &["invalid multi-line*"],
        "a text that begins with three quotes has no three quotes at its end",
        "以三个引号开始的文本末尾缺少三个引号",
    ),
    (&["duplicate key"], "this key is there twice", "这个键出现了两次"),
    (
        &["integer number overflowed", "floating-point number overflowed"],
        "this number is too large",
        "数字太大",
    ),
    (
        &["could not allocate for string"],
        "there is not enough memory for this text",
        "内存不足，放不下这段文本",
    ),
];
