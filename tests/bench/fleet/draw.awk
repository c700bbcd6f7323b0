# The output of fleet as one SVG of two pictures: the worst second by number of hosts, and the time
# around a rotation for the most hosts, both with logarithmic requests a second.
BEGIN { FS = "\t"; width = 760; height = 330; left = 84; right = 574; low = 0.001; top = 1e6 }

function y(requests) {
    return bottom - (log(requests < low ? low : requests) - log(low)) / (log(top) - log(low)) * height
}
function line(x1, y1, x2, y2, class) {
    printf "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", class, x1, y1, x2, y2
}
function text(x, at, anchor, what) {
    printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, at, anchor, what
}
function power(n) { return n < 3 ? 10 ^ n : n < 6 ? 10 ^ (n - 3) ",000" : "1,000,000" }
function frame(title, n) {
    text(left, bottom - height - 14, "start", title)
    for (n = -3; n <= 6; n++) {
        line(left, y(10 ^ n), right, y(10 ^ n), "grid")
        text(left - 8, y(10 ^ n) + 4, "end", power(n))
    }
}
function curve(points, class) { printf "<polyline class=\"%s\" points=\"%s\"/>\n", class, points }

$1 == "peak" {
    x = left + log($2) / log(1e6) * (right - left)
    bottom = 400
    peaks[$3] = peaks[$3] sprintf("%.1f,%.1f ", x, y($4))
    if ($3 == "with") means = means sprintf("%.1f,%.1f ", x, y($5))
    worst[$3] = $4
}
# A minute is one point: its worst second.
$1 == "second" {
    minute = int(($2 + 6000) / 60)
    for (i = 3; i <= 4; i++) if (!((minute, i) in most) || $i > most[minute, i]) most[minute, i] = $i
    if (!(minute in seen)) { seen[minute] = ++minutes; order[minutes] = minute }
}

END {
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d 860\">\n", width
    print "<style>text{font:12px sans-serif} .grid{stroke:#ddd} polyline{fill:none;stroke-width:2}" \
        " .without{stroke:#c33} .with{stroke:#27c} .mean{stroke:#999;stroke-dasharray:4 3}" \
        " .rotation{stroke:#333;stroke-dasharray:2 3}</style>"
    print "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
    bottom = 400
    frame("Requests in the worst second of two hours, by number of hosts")
    for (n = 0; n <= 6; n++) text(left + n / 6 * (right - left), bottom + 18, "middle", power(n))
    curve(means, "mean"); curve(peaks["without"], "without"); curve(peaks["with"], "with")
    text(right + 8, y(worst["without"]) + 4, "start", "all at one moment: " worst["without"])
    text(right + 8, y(worst["with"]) + 4, "start", "each at its own: " worst["with"])
    text(right + 8, y(worst["with"]) + 52, "start", "on average")
    bottom = 820
    frame("Requests in the worst second of each minute, 1,000,000 hosts, a rotation at 0")
    for (i = 1; i <= minutes; i++) {
        x = left + (i - 1) / (minutes - 1) * (right - left)
        if (order[i] == 100) line(x, bottom, x, bottom - height, "rotation")
        if ((order[i] - 100) % 10 == 0) text(x, bottom + 18, "middle", (order[i] - 100) " min")
        for (k = 3; k <= 4; k++) path[k] = path[k] sprintf("%.1f,%.1f ", x, y(most[order[i], k]))
    }
    curve(path[3], "without"); curve(path[4], "with")
    print "</svg>"
}
