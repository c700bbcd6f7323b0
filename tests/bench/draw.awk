# Draws one SVG of many pictures. Its input, in tabs:
#
#     panel TITLE X-TITLE X-SCALE X-LOW X-HIGH Y-LOW Y-HIGH     begins a picture; Y is logarithmic, X
#                                            `log` (from 0: what is below 1 stands at its left) or `linear`
#     point SERIES X Y                       the next point of a line
#     label SERIES TEXT                      what is written at the line's end
#     mark X                                 a line from top to bottom
#     bars TITLE                             begins a picture of another kind, which stands alone:
#     bar LABEL VALUE                        one beside the other
#
# Two pictures stand in a row, or `-v columns=1`; a line's colour goes by the order of the series.
BEGIN {
    FS = "\t"; columns = columns ? columns : 2
    width = 300; height = 190; left = 72; gap = 148; row = height + 88
    split("#27c #c33 #393 #999", colours, " ")
}

function log10(n) { return log(n) / log(10) }
function ratio(value, low, high, scale) {
    if (scale == "linear") return (value - low) / (high - low)
    if (low == 0) low = 1
    return value <= low ? 0 : log(value / low) / log(high / low)
}
function px(x) { return x0 + ratio(x, x_low, x_high, x_scale) * width }
function py(y) { return y0 + height - ratio(y, y_low, y_high, "log") * height }
function line(x1, y1, x2, y2, class) {
    out = out sprintf("<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", class, x1, y1, x2, y2)
}
function text(x, y, anchor, what, colour) {
    gsub(/&/, "\\&amp;", what); gsub(/</, "\\&lt;", what)
    out = out sprintf("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>\n", x, y, anchor, \
        colour ? colour : "#000", what)
}
function number(n) {
    if (n >= 1e6) return n / 1e6 " M"
    if (n >= 1e4) return n / 1e3 " k"
    return n ""
}
function axes(    n, i) {
    for (n = int(log10(y_low) - 0.01); 10 ^ n <= y_high * 1.01; n++)
        if (10 ^ n >= y_low * 0.99) {
            line(x0, py(10 ^ n), x0 + width, py(10 ^ n), "grid")
            text(x0 - 6, py(10 ^ n) + 4, "end", number(10 ^ n))
        }
    if (x_scale == "linear")
        for (i = 0; i <= 6; i++) {
            n = x_low + i * (x_high - x_low) / 6
            text(px(n), y0 + height + 16, "middle", n)
        }
    else
        for (n = x_low == 0 ? 1 : x_low; n <= x_high; n *= 10)
            text(px(n), y0 + height + 16, "middle", n == 1 && x_low == 0 ? 0 : number(n))
    line(x0, y0 + height, x0 + width, y0 + height, "axis")
    line(x0, y0, x0, y0 + height, "axis")
}

# What a picture has been given so far.
function finish(    i, k, at, below) {
    if (!panels) return
    for (i = 1; i <= series_count; i++)
        out = out sprintf("<polyline stroke=\"%s\" points=\"%s\"/>\n", colours[i], points[i])
    # Labels in the order of their lines, none over another.
    below = -100
    for (k = 1; k <= series_count; k++) {
        at = 0
        for (i = 1; i <= series_count; i++) if (!(i in done) && (!at || ends[i] < ends[at])) at = i
        done[at] = 1
        below = ends[at] + 4 > below + 14 ? ends[at] + 4 : below + 14
        text(last[at] + 6, below, "start", labels[at], colours[at])
    }
    split("", done); split("", points); split("", labels); split("", series); series_count = 0
}

$1 == "panel" {
    finish()
    x0 = left + panels % columns * (left + width + gap); y0 = 40 + int(panels / columns) * row
    x_scale = $4; x_low = $5; x_high = $6; y_low = $7; y_high = $8
    panels++
    text(x0 - left + 12, y0 - 16, "start", $2)
    text(x0 + width / 2, y0 + height + 34, "middle", $3)
    axes()
}
function number_of(name) {
    if (!(name in series)) { series[name] = ++series_count; labels[series_count] = name }
    return series[name]
}
$1 == "point" {
    i = number_of($2)
    points[i] = points[i] sprintf("%.1f,%.1f ", px($3), py($4))
    ends[i] = py($4)
    last[i] = px($3)
}
$1 == "label" { labels[number_of($2)] = $3 }
$1 == "mark" { line(px($2), y0, px($2), y0 + height, "mark") }

$1 == "bars" { bars_title = $2 }
$1 == "bar" { bar_name[++bars] = $2; bar_value[bars] = $3; if ($3 > bar_most) bar_most = $3 }
function draw_bars(    i, y) {
    text(12, 24, "start", bars_title)
    for (i = 1; i <= bars; i++) {
        y = 18 + 24 * i
        text(290, y + 13, "end", bar_name[i])
        out = out sprintf("<rect x=\"298\" y=\"%d\" width=\"%.1f\" height=\"18\" fill=\"%s\"/>\n", y, \
            bar_value[i] / bar_most * 440, colours[bar_name[i] ~ /^pam_oauth/ ? 2 : 1])
        text(304 + bar_value[i] / bar_most * 440, y + 13, "start", sprintf("%.1f", bar_value[i]))
    }
}

END {
    finish()
    draw_bars()
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\">\n", \
        bars ? 800 : columns * (left + width + gap), bars ? 30 + 24 * (bars + 1) : int((panels + columns - 1) / columns) * row + 10
    print "<style>text{font:12px sans-serif} .grid{stroke:#ddd} .axis{stroke:#333}" \
        " .mark{stroke:#333;stroke-dasharray:2 3} polyline{fill:none;stroke-width:2}</style>"
    print "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
    printf "%s</svg>\n", out
}
