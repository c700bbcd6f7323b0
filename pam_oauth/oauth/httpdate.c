#include "oauth/httpdate.h"

#include "base/guard.h"
#include "base/text.h"

#define LENGTH ((size_t)29)

/* Of the words of three letters in `words` the one at `at`, counted from 0; -1 if none. */
static int
word_at(const char *words, struct span text, size_t at)
{
    for (int i = 0; words[i * 3] != '\0'; i++) {
        if (span_equals((struct span){.at = text.at + at, .length = 3},
                        (struct span){.at = words + (size_t)i * 3, .length = 3})) {
            return i;
        }
    }
    return -1;
}

/* `count` digits at `at`, leading zeros included; -1 if one is no digit. */
static int
number_at(struct span text, size_t at, size_t count)
{
    int number = 0;

    for (size_t i = at; i < at + count; i++) {
        if (!text_is_digit(text.at[i])) {
            return -1;
        }
        number = number * 10 + (text.at[i] - '0');
    }
    return number;
}

static bool
is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970 to the first of January of that year. */
static int64_t
days_before_year(int year)
{
    int64_t before = year - 1;

    return before * 365 + before / 4 - before / 100 + before / 400 - 719162;
}

static int
days_of_month(int month, int year)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month] + (month == 1 && is_leap(year) ? 1 : 0);
}

/* Are all the signs between the words where they belong? */
static bool
has_form(struct span text)
{
    static const char form[] = "..., .. ... .... ..:..:.. GMT";

    if (text.length != LENGTH) {
        return false;
    }
    for (size_t i = 0; i < LENGTH; i++) {
        if (form[i] != '.' && form[i] != text.at[i]) {
            return false;
        }
    }
    return true;
}

bool
httpdate_parse(struct span text, int64_t *ret_s)
{
    if (!has_form(text) || word_at("MonTueWedThuFriSatSun", text, 0) < 0) {
        return false;
    }
    int day = number_at(text, 5, 2);
    int month = word_at("JanFebMarAprMayJunJulAugSepOctNovDec", text, 8);
    int year = number_at(text, 12, 4);
    int hour = number_at(text, 17, 2);
    int minute = number_at(text, 20, 2);
    int second = number_at(text, 23, 2);
    if (month < 0 || year < 1970 || day < 1 || day > days_of_month(month, year) || hour < 0 ||
        hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
        return false;
    }
    int64_t days = days_before_year(year) + day - 1;
    for (int i = 0; i < month; i++) {
        days += days_of_month(i, year);
    }
    *ret_s = days * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}
