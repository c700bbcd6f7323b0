# shellcheck shell=bash disable=SC2034,SC2154
# How tokens and keys come in: files, standard input, line ends, sizes, batches.

good=$(token rsa)

# ---- R33: at most one line end is taken off --------------------------------------------------------

from_bytes() { # PRINTF-FORMAT, %s is the token
    # shellcheck disable=SC2059 # the format is the test
    printf "$1" "$good" >"$dir/token"
    call verify "${trust[@]}" "$dir/token"
}
taken() { from_bytes "$1" && expect 0 "^accepted $subject\$"; }
not_taken() { from_bytes "$1" && expect 1 "^refused: malformed: .*$2"; }
for format in '%s' '%s\n' '%s\r\n' '%s\r'; do
    test_it "R33 $format is the token" taken "$format"
done
for format in '%s\n\n' '%s\r\r\n' '%s\n\r' '%s\r\n\r\n' '%s ' '%s\t\n' '%s\0' '%s\n\0'; do
    test_it "R33 $format is not" not_taken "$format" 'not a token: byte'
done
for format in ' %s' '\n%s' '\r\n%s' '\t%s' '"%s"' "'%s'" '\xef\xbb\xbf%s' '\xff\xfe%s' '\0%s' \
    '\b\n\r\177INCORRECT' '\xc2\xa0%s'; do
    test_it "R33 $format is not" not_taken "$format" 'not a token: byte 1 '
done
test_it 'R33 Bearer is no part of a token' not_taken 'Bearer %s' 'not a token: byte 7 '
test_it 'R33 Authorization: Bearer is no part either' not_taken 'Authorization: Bearer %s' 'byte 14 '
test_it 'R33 a token in two lines' not_taken "${good:0:100}\n${good:100}" 'byte 101 '
for format in '\n' '\r\n' '\r'; do
    test_it "R33 $format alone is empty" not_taken "$format" 'the token is empty'
done

# ---- where it comes from ---------------------------------------------------------------------------

from_input() {
    printf '%s\n' "$good" | "$program" verify "${trust[@]}" - >"$dir/out" 2>"$dir/err"
    code=$?
    expect 0 "^accepted $subject\$"
}
test_it '- is the token on standard input' from_input
keys_from_input() {
    printf '%s' "$good" >"$dir/token"
    "$program" verify --jwks - "${trust[@]:2}" "$dir/token" <"$dir/keys.jwks" >"$dir/out" 2>"$dir/err"
    code=$?
    expect 0 "^accepted $subject\$"
}
test_it '--jwks - is the keys on standard input' keys_from_input
from_pipe() {
    call verify "${trust[@]}" <(printf '%s' "$good")
    expect 0 "^accepted $subject\$"
}
test_it 'a pipe is a file' from_pipe
in_pieces() {
    { printf '%s' "${good:0:10}"; sleep 0.1; printf '%s\n' "${good:10}"; } |
        "$program" verify "${trust[@]}" - >"$dir/out" 2>"$dir/err"
    code=$?
    expect 0 "^accepted $subject\$"
}
test_it 'a pipe that is slow is read to its end' in_pieces
from_nowhere() {
    call verify "${trust[@]}" /dev/null
    expect 1 '^refused: malformed: the token is empty'
}
test_it '/dev/null is an empty token' from_nowhere
misused 'a token file that is not there' "$dir/nowhere: No such file" verify "${trust[@]}" "$dir/nowhere"
misused 'a token file that is a directory' "$dir: .*Is a directory" verify "${trust[@]}" "$dir"
misused 'a batch that is not there' "$dir/nowhere: No such file" verify "${trust[@]}" --batch \
    "$dir/nowhere"
misused 'a batch that is a directory' "$dir: " verify "${trust[@]}" --batch "$dir"
no_room() {
    printf '%s' "$good" >"$dir/token"
    "$program" verify "${trust[@]}" "$@" "$dir/token" >/dev/full 2>"$dir/err"
    code=$?
    [ "$code" -eq 2 ] || { echo "exit $code though nothing could be written"; return 1; }
}
closed() { # WHICH EXIT-CODE
    printf '%s' "$good" >"$dir/token"
    case "$1" in
    input) "$program" verify "${trust[@]}" "$dir/token" >/dev/null <&- ;;
    error) "$program" verify "${trust[@]}" "$dir/token" >/dev/null 2>&- ;;
    output) "$program" verify "${trust[@]}" "$dir/token" >&- ;;
    all) "$program" verify "${trust[@]}" "$dir/token" <&- >&- 2>&- ;;
    esac
    code=$?
    [ "$code" -eq "$2" ] || { echo "exit $code"; return 1; }
}
test_it 'E58 without standard input' closed input 0
test_it 'E58 without standard error' closed error 0
test_it 'E58 without standard output there is no answer' closed output 2
test_it 'E58 without any of them' closed all 2
test_it 'an answer that cannot be written is no answer' no_room
test_it 'nor is one of --json' no_room --json
test_it 'nor is one of --batch' no_room --batch

# ---- R32 sizes -------------------------------------------------------------------------------------

# A token of exactly so many bytes, its payload anything.
token_of() { # BYTES
    local more empty length
    for more in a aa aaa; do
        empty=$(token p256 "h:more=\"$more\"" @payload=)
        length=$(($1 - ${#empty}))
        if [ $((length % 4)) -ne 1 ]; then
            token p256 "h:more=\"$more\"" "@payload-text=$(repeat "$length" A)"
            return
        fi
    done
}
bare() { # REGEX EXIT-CODE TOKEN
    trust=(--jwks "$dir/keys.jwks" --signature-only)
    verify "$3"
    expect "$2" "$1"
}
longest=$(token_of 65536)
test_it 'R32 65536 bytes are a token' bare '^accepted$' 0 "$longest"
test_it 'R32 and so with a line end' bare '^accepted$' 0 "$longest"$'\r\n'
test_it 'R32 65537 bytes are none' bare '^refused: malformed: .*longer than 65536' 1 "$(token_of 65537)"
header_of() { # LETTERS
    local start='{"alg":"ES256","kid":"p256","x":"'
    token p256 "@header=$start$(repeat $(($1 * 3 / 4 - ${#start} - 2)) x)\"}"
}
test_it 'R32 a header of 4096 letters' bare '^accepted$' 0 "$(header_of 4096)"
test_it 'R32 a header of 4098 letters' bare '^refused: malformed: .*header is longer than 4096' 1 \
    "$(header_of 4098)"

# ---- E9: a stranger's ten megabytes ----------------------------------------------------------------

head -c 10485760 /dev/zero | tr '\0' A >"$dir/A"
head -c 1000000 /dev/zero | tr '\0' . >"$dir/dots"
head -c 10485760 /dev/zero | tr '\0' . >"$dir/more-dots"
# Less than 5 ms of processor time and no memory more than one byte that is no token takes. The
# least of several runs: a busy machine can only make it longer.
printf x >"$dir/x"
heap() { # FILE [OPTION]...
    local base heap
    base=$(least verify "${trust[@]}" "${@:2}" "$dir/x")
    heap=$(least verify "${trust[@]}" "${@:2}" "$1")
    code=$?
    echo "E9 $(stat -c %s "$1") bytes of ${1##*/} ${2:-}: $((${heap% *} - ${base% *})) us," \
        "$((${heap#* } - ${base#* })) kB" >&9
    expect 1 '^refused: malformed: ' && { [ -n "${WATCHED:-}" ] || {
        [ $((${heap% *} - ${base% *})) -lt 5000 ] && [ $((${heap#* } - ${base#* })) -lt 1024 ]; }; }
}
for option in '' --batch; do
    test_it "E9 R32 ten megabytes of A $option" heap "$dir/A" ${option:+"$option"}
    test_it "E9 R32 a million dots $option" heap "$dir/dots" ${option:+"$option"}
    test_it "E9 R32 ten megabytes of dots $option" heap "$dir/more-dots" ${option:+"$option"}
done
endless() {
    timeout 10 "$program" verify "${trust[@]}" /dev/zero >"$dir/out" 2>"$dir/err"
    code=$?
    expect 1 '^refused: malformed: '
}
test_it 'E9 /dev/zero has an end' endless

# ---- --batch ---------------------------------------------------------------------------------------

batch() { # FILE [OPTION]...
    call verify "${trust[@]}" "${@:2}" --batch "$1"
}
words() { sed 's/^\(accepted\|refused: [a-z_]*\|failed: [a-z_]*\).*/\1/' "$dir/out" | paste -sd, -; }
expect_batch() { # EXIT-CODE WORDS
    local got
    got=$(words)
    [ "$code $got" = "$*" ] || { printf 'wanted: %s\ngot:    %s %s\n' "$*" "$code" "$got"; return 1; }
    tr -d '\n' <"$dir/out" >"$dir/line" && expect_printable "$dir/line"
}
in_order() {
    printf '%s\n' "$good" "$(token rsa @flip)" '' "$(token p256)" 'x' "$(token rsa exp=1)" >"$dir/batch"
    batch "$dir/batch"
    expect_batch 1 'accepted,refused: signature,refused: malformed,accepted,refused: malformed,refused: expired'
}
test_it '--batch answers in order' in_order
all_good() {
    printf '%s\n' "$good" "$(token p256)" "$(token ed25519)" >"$dir/batch"
    batch "$dir/batch"
    expect_batch 0 'accepted,accepted,accepted'
}
test_it '--batch, all accepted' all_good
unended() {
    printf '%s\r\n%s' "$good" "$good" >"$dir/batch"
    batch "$dir/batch"
    expect_batch 0 'accepted,accepted'
}
test_it '--batch, CRLF, and a last line without its end' unended
empty_lines() {
    printf '\n\r\n\n' >"$dir/batch"
    batch "$dir/batch"
    expect_batch 1 'refused: malformed,refused: malformed,refused: malformed'
}
test_it '--batch, an empty line is malformed' empty_lines
nothing() {
    : >"$dir/batch"
    batch "$dir/batch"
    [ "$code" -eq 0 ] && [ ! -s "$dir/out" ]
}
test_it '--batch of nothing says nothing' nothing
with_a_nul() {
    printf 'a\0b\n%s\n' "$good" >"$dir/batch"
    batch "$dir/batch"
    expect_batch 1 'refused: malformed,accepted'
}
test_it '--batch, a NUL is a byte like any other' with_a_nul
no_keys() {
    printf '%s\n%s\n' "$good" "$good" >"$dir/batch"
    call verify --jwks "$dir/nowhere" --signature-only --batch "$dir/batch"
    [ "$code" -eq 2 ] && head -n 1 "$dir/out" | grep -q '^failed: keys_unavailable: '
}
test_it '--batch without keys is a fault' no_keys
from_both() {
    printf '%s\n' "$good" "$good" | "$program" verify "${trust[@]}" --batch - >"$dir/out" 2>"$dir/err"
    code=$?
    expect_batch 0 'accepted,accepted'
}
test_it '--batch -' from_both
bare_batch() {
    printf '%s\n' "$good" "$(token rsa @flip)" >"$dir/batch"
    call verify --jwks "$dir/keys.jwks" --signature-only --batch "$dir/batch"
    expect_batch 1 'accepted,refused: signature' && ! grep -q "$subject" "$dir/out"
}
test_it '--batch --signature-only' bare_batch
long_line() {
    { printf '%s\n' "$good"; cat "$dir/more-dots"; printf '\n%s\n' "$good"; } >"$dir/batch"
    batch "$dir/batch"
    expect_batch 1 'accepted,refused: malformed,accepted'
}
test_it '--batch, a line of ten megabytes is one line' long_line
# Wherever the end of a line falls in what was read, the next one begins behind it.
edges_of_room() {
    local length wanted=accepted
    printf '%s\n' "$good" >"$dir/batch"
    for length in 65535 65536 65537 65538 65539 65540 262142 262143 262144 262145 327683 600000; do
        { repeat "$length" .; printf '\n%s\n' "$good"; } >>"$dir/batch"
        wanted+=',refused: malformed,accepted'
    done
    batch "$dir/batch"
    expect_batch 1 "$wanted" || return 1
    { repeat 65539 .; } >>"$dir/batch" # a last line without its end
    dd if="$dir/batch" bs=4093 status=none | "$program" verify "${trust[@]}" --batch - >"$dir/out"
    code=$?
    expect_batch 1 "$wanted,refused: malformed"
}
test_it '--batch, lines around the sizes of its buffer' edges_of_room
ten_thousand() {
    local ms
    { yes "$(token p256)" | head -n 5000; echo; yes "$(token ed25519)" | head -n 4999; } >"$dir/batch"
    ms=$(milliseconds batch "$dir/batch")
    echo "10000 lines (ES256, EdDSA): $ms ms" >&9
    batch "$dir/batch"
    [ "$code" -eq 1 ] && [ "$(wc -l <"$dir/out")" -eq 10000 ] &&
        [ "$(grep -c "^accepted $subject\$" "$dir/out")" -eq 9999 ] &&
        [ "$(sed -n 5001p "$dir/out" | cut -d: -f1-2)" = 'refused: malformed' ]
}
test_it '--batch of 10000 lines' ten_thousand

# Each answer is there before the next token comes: a program may be at the other end.
in_turn() { # ANSWER OPTION...
    local answer
    rm -f "$dir/to" "$dir/from"
    mkfifo "$dir/to" "$dir/from"
    "$program" verify "${@:2}" --batch - <"$dir/to" >"$dir/from" &
    exec 5>"$dir/to" 6<"$dir/from"
    for _ in 1 2 3; do
        printf '%s\n' "$good" >&5
        read -r -t 10 answer <&6 || return 1
        [ "$answer" = "$1" ] || return 1
    done
    exec 5>&-
    wait $! && exec 6<&-
}
test_it '--batch answers each line at once' in_turn "accepted $subject" "${trust[@]}"
test_it '--batch --signature-only answers each line at once' in_turn accepted \
    --jwks "$dir/keys.jwks" --signature-only

# A line is judged as if it were alone: by its own time, its own kid.
by_the_clock() {
    local at answer
    at=$(date +%s)
    trust=(--jwks "$dir/keys.jwks" --issuer "$issuer" --audience "$audience" --clock-skew 0)
    { token rsa iat="$at" exp=$((at + 2)); echo; sleep 3.2; token rsa iat="$at" exp=$((at + 2)); } |
        "$program" verify "${trust[@]}" --batch - >"$dir/out" 2>"$dir/err"
    code=$?
    expect_batch 1 'accepted,refused: expired'
}
test_it 'R63 --batch takes the time for each line' by_the_clock
no_memory_of_keys() {
    trust=(--jwks "$dir/other.jwks" "${trust[@]:2}")
    jwks "$(jwk rsa)" >"$dir/other.jwks"
    printf '%s\n' "$good" "$(token rsa h:-kid)" "$(token rsa 'h:kid=""')" "$(token rsa 'h:kid="no"')" \
        "$good" "$(token rsa/PS256)" "$(token rsa 'h:alg="PS256"')" "$(token rsa h:-kid)" >"$dir/batch"
    batch "$dir/batch"
    local unknown='refused: unknown_key'
    expect_batch 1 "accepted,accepted,$unknown,$unknown,accepted,accepted,refused: signature,accepted"
}
test_it 'R38 R49 --batch: no line sees the key of the line before' no_memory_of_keys

# E76: what a batch holds does not grow with what it has seen.
# Waits until the output has so many lines.
await_lines() {
    local i
    for ((i = 0; i < 1000; i++)); do
        [ "$(wc -l <"$dir/out")" -lt "$1" ] || return 0
        sleep 0.02
    done
    return 1
}
resident() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"; }
steady() {
    local before after open pid
    mkfifo "$dir/many"
    "$program" verify "${trust[@]}" --batch - <"$dir/many" >"$dir/out" &
    pid=$!
    exec 5>"$dir/many"
    { yes "$(token p256)"; } 2>/dev/null | head -n 1000 >&5
    await_lines 1000 || return 1
    before=$(resident "$pid")
    open=$(find "/proc/$pid/fd" -mindepth 1 | wc -l)
    for _ in {1..10}; do printf '%s\n' "$good" "$(token rsa @flip)" x "$(token p256 aud=1)"; done |
        awk '{ line[NR] = $0 } END { for (i = 0; i < 10000; i++) print line[i % NR + 1] }' >&5
    await_lines 11000 || return 1
    after=$(resident "$pid")
    open=$((open - $(find "/proc/$pid/fd" -mindepth 1 | wc -l)))
    exec 5>&-
    wait "$pid"
    echo "E76 resident after 1000 and 11000 lines: $before and $after kB" >&9
    [ -n "$after" ] && [ $((after - before)) -lt 512 ] && [ "$open" -eq 0 ]
}
test_alone 'E76 a batch does not grow' steady
# A batch that cannot hold its next line has not answered all of them.
starved() {
    { printf '%s\n' "$good"; head -c 100000000 /dev/zero | tr '\0' .; printf '\n%s\n' "$good"; } |
        (ulimit -v 60000 && exec "$program" verify "${trust[@]}" --batch - >"$dir/out" 2>"$dir/err")
    code=$?
    case "$(words)" in
    'accepted,refused: malformed,accepted') [ "$code" -eq 1 ] ;; # it need not hold all of it
    *) [ "$code" -eq 2 ] ;;
    esac || { echo "exit $code, $(words)"; return 1; }
}
test_alone 'R1 --batch out of memory is never a yes' starved
