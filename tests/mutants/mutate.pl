#!/usr/bin/perl
# mutate.pl FILE           prints how many mutants FILE has
# mutate.pl FILE N         prints FILE with its Nth check removed (1 is the first)
# mutate.pl FILE N --name  prints what was removed, as FILE:LINE: text
#
# A check is an `if` whose block refuses at once, a TRY() around a call, or a row of a table.
use strict;
use warnings;

my ($file, $wanted, $name) = @ARGV;
open my $in, '<', $file or die "$file: $!\n";
my $text = do { local $/; <$in> };
close $in;

my @mutants;    # [offset, length, replacement]

# if (CONDITION) { return something that is not success
my $balanced = qr/(\((?:[^()]++|(?-1))*+\))/;
while ($text =~ /\bif \s* $balanced \s* \{ \s* (?:\/\*.*?\*\/\s*)? return \s+ (?!ST_OK|true)/gsx) {
    my $condition = $1;
    my ($start, $length) = ($-[1], length $condition);
    push @mutants, [$start, $length, "(0 && $condition)"];
}
# TRY(call): the call is made and its answer forgotten
while ($text =~ /\bTRY $balanced ;/gsx) {
    my $call = $1;
    push @mutants, [$-[0], $+[0] - $-[0], "{ enum status forgotten = $call; (void)forgotten; }"];
}
# rows of tables
while ($text =~ /\] = \{\n(.*?)\n\s*\};/gs) {
    my ($rows, $offset) = ($1, $-[1]);
    while ($rows =~ /^\s*(\{(?:[^{}]++|\{[^{}]*\})*\}|"[^"]*"),/gm) {
        push @mutants, [$offset + $-[0], $+[0] - $-[0], ""];
    }
}

if (!defined $wanted) {
    print scalar(@mutants), "\n";
    exit 0;
}
my ($start, $length, $replacement) = @{ $mutants[$wanted - 1] };
if (defined $name) {
    my $removed = substr($text, $start, $length);
    my $line = 1 + (substr($text, 0, $start) =~ tr/\n//);
    $removed =~ s/\s+/ /g;
    print "$file:$line: ", substr($removed, 0, 90), "\n";
} else {
    substr($text, $start, $length) = $replacement;
    print $text;
}
