#!/usr/bin/perl
# mutate.pl FILE            lists the mutants of a C file, one a line: its number and what it is
# mutate.pl FILE DIRECTORY  and writes them there, DIRECTORY/NUMBER.c
#
# A mutant is the file with one check made void:
#
#   never      the condition of an if, while, for or ?:, the answer of a bool function, or an operand
#              of || is evaluated, and taken for false
#   always     the same (not of while and for), or an operand of &&, taken for true
#   boundary   < is <=, > is >=, and the other way
#   accept     what a status function returns is evaluated, and ST_OK returned in its place
#   ignore     TRY(call) makes the call and forgets its answer
#   no case    a label of a switch is gone, so that its value is the default's
#   no row     an element of a table, or of a structure that is filled in, is gone
#
# It reads tokens, brackets and the precedence of the operators that matter, not C: types only of
# functions, whose name begins a line.
use strict;
use warnings;

my ($file, $directory) = @ARGV;
open my $in, '<', $file or die "$file: $!\n";
my $source = do { local $/; <$in> };
close $in;

my @text;      # tokens without blanks, comments and preprocessor lines
my @offset;    # where each begins
my @partner;   # the index of the other bracket
my @mutants;   # {offset, length, with, name}
my %seen;

# ---- tokens --------------------------------------------------------------------------------------

sub read_tokens {
    my @open;
    while ($source =~ m{
        \G (?: (?<skip> \s+ | /\* .*? \*/ | ^ [ ]* \# (?: [^\n]* \\\n )* [^\n]* )
             | (?<token> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | [\w.]*\w
                 | <<= | >>= | && | \|\| | << | >> | [-+*/%&|^=!<>]= | -> | \+\+ | -- | . ) )
    }gsmx) {
        next if !defined $+{token};
        push @text, $+{token};
        push @offset, $-[0];
        if ($+{token} =~ /^[(\[{]$/) {
            push @open, $#text;
        } elsif ($+{token} =~ /^[)\]}]$/) {
            my $other = pop @open;
            die "$file: brackets do not match\n" if !defined $other;
            $partner[$other] = $#text;
            $partner[$#text] = $other;
        }
    }
    die "$file: brackets do not match\n" if @open;
}

# The source text of the tokens FROM to TO, both included.
sub text_of {
    my ($from, $to) = @_;
    return substr($source, $offset[$from], $offset[$to] + length($text[$to]) - $offset[$from]);
}

# The first token left of AT, on the same level, that matches; the bracket or the end of the
# statement that it stands in ends the search too.
sub left_of {
    my ($at, $stop) = @_;
    for (my $i = $at - 1; $i >= 0; $i--) {
        return $i if $text[$i] =~ /^(?:[(\[{};,:?]|return|[-+*\/%&|^]?=|<<=|>>=)$/;
        return $i if $text[$i] =~ $stop;
        $i = $partner[$i] if $text[$i] =~ /^[)\]]$/;
    }
    return -1;
}

sub right_of {
    my ($at, $stop) = @_;
    for (my $i = $at + 1; $i <= $#text; $i++) {
        return $i if $text[$i] =~ /^[)\]};,:?]$/ || $text[$i] =~ $stop;
        $i = $partner[$i] if $text[$i] =~ /^[(\[{]$/;
    }
    return $#text;
}

# ---- mutants -------------------------------------------------------------------------------------

my $function = '';

sub add {
    my ($kind, $from, $to, $with) = @_;
    my $old = text_of($from, $to);
    return if $seen{"$offset[$from] " . length($old) . " $with"}++;
    my $line = 1 + (substr($source, 0, $offset[$from]) =~ tr/\n//);
    (my $shown = $old) =~ s/\s+/ /g;
    push @mutants, {
        offset => $offset[$from],
        length => length $old,
        with => $with,
        name => sprintf('%s:%d: %s: %s: %s', $file, $line, $function, $kind, $shown),
    };
}

sub add_never  { my ($from, $to) = @_; add('never',  $from, $to, '((' . text_of($from, $to) . ') && 0)'); }
sub add_always { my ($from, $to) = @_; add('always', $from, $to, '((' . text_of($from, $to) . ') || 1)'); }

sub add_condition {
    my ($from, $to) = @_;
    return if text_of($from, $to) =~ /^(?:true|false)$/;
    add_never($from, $to);
    add_always($from, $to);
}

my $rows_end = -1;    # rows within rows are part of them
my $none = qr/^$/;
#  of a size is all that there can be when it becomes :  says so already.
my %boundary = ('<' => '<=', '<=' => '<', '>' => '>=', '>=' => '>');

# Elements of the initializer that opens at OPEN. What is zero anyway is no row.
sub add_rows {
    my ($open) = @_;
    my $from = $open + 1;
    while ($from < $partner[$open]) {
        my $to = $from;
        while ($to < $partner[$open] && $text[$to] ne ',') {
            $to = $partner[$to] if $text[$to] =~ /^[(\[{]$/;
            $to++;
        }
        my $row = text_of($from, $to - 1);
        my $last = $to == $partner[$open];
        add('no row', $from, $last ? $to - 1 : $to, '')
            if $row !~ /^0x/ && $row !~ /(?:^|= ?)(?:0|NULL|false|"")$/;
        $from = $to + 1;
    }
}

sub add_return {
    my ($at, $type) = @_;
    my $end = right_of($at, qr/^;$/);
    $end = right_of($end, $none) while $text[$end] =~ /^[?:,]$/;
    my ($from, $to) = ($at + 1, $end - 1);
    my $value = text_of($from, $to);
    if ($type eq 'bool') {
        return add('never', $from, $to, 'false') if $value eq 'true';
        return add('always', $from, $to, 'true') if $value eq 'false';
        add_condition($from, $to);
    } elsif ($type eq 'enum status' && $value ne 'ST_OK') {
        add('accept', $from, $to, "((void)($value), ST_OK)");
    }
}

# The mutants that begin at token I of a function of this type.
sub add_at {
    my ($i, $type) = @_;
    my $token = $text[$i];

    if ($token eq 'if') {
        add_condition($i + 2, $partner[$i + 1] - 1);
    } elsif ($token eq 'while') {
        add_never($i + 2, $partner[$i + 1] - 1);
    } elsif ($token eq 'for') {
        my $first = right_of($i + 1, qr/^;$/);
        $first = right_of($first, $none) while $text[$first] ne ';';
        my $second = right_of($first, qr/^;$/);
        add_never($first + 1, $second - 1) if $second > $first + 1;
    } elsif ($token eq '?') {
        add_condition(left_of($i, $none) + 1, $i - 1);
    } elsif ($token eq '&&') {
        add_always(left_of($i, qr/^(?:&&|\|\|)$/) + 1, $i - 1);
        add_always($i + 1, right_of($i, qr/^(?:&&|\|\|)$/) - 1);
    } elsif ($token eq '||') {
        add_never(left_of($i, qr/^\|\|$/) + 1, $i - 1);
        add_never($i + 1, right_of($i, qr/^\|\|$/) - 1);
    } elsif (exists $boundary{$token}) {
        add('boundary', $i, $i, $boundary{$token});
        my ($from, $to) = (left_of($i, qr/^(?:&&|\|\|)$/) + 1, right_of($i, qr/^(?:&&|\|\|)$/) - 1);
        (my $shown = text_of($from, $to)) =~ s/\s+/ /g;
        $mutants[-1]{name} .= " in $shown";
    } elsif ($token eq 'case') {
        my $colon = right_of($i, qr/^:$/);
        add('no case', $i, $colon, '') if $text[$colon + 1] ne 'default';
    } elsif ($token eq 'TRY') {
        my $call = text_of($i + 2, $partner[$i + 1] - 1);
        add('ignore', $i, $partner[$i + 1], "(void)($call)");
    } elsif ($token eq 'return' && $text[$i + 1] ne ';') {
        add_return($i, $type);
    } elsif ($token eq '{' && $text[$i - 1] eq '=' && $i > $rows_end) {
        $rows_end = $partner[$i];
        add_rows($i);
    }
}

# ---- the file ------------------------------------------------------------------------------------

# The type of the function whose body opens at OPEN, or nothing if that is no function.
sub type_of_body {
    my ($open) = @_;
    return if $open == 0 || $text[$open - 1] ne ')';
    my $name = $partner[$open - 1] - 1;
    my $at = $name;
    my @type;
    while (--$at >= 0 && $text[$at] !~ /^[;}]$/) {
        unshift @type, $text[$at] if $text[$at] ne 'static';
    }
    $function = $text[$name];
    return "@type";
}

read_tokens();
my ($end, $type) = (-1, '');
for (my $i = 0; $i <= $#text; $i++) {
    if ($i > $end) {
        ($end, $type, $function) = ($i, '', '-');
        if ($text[$i] eq '{' && defined(my $found = type_of_body($i))) {
            ($end, $type) = ($partner[$i], $found);
        }
    }
    add_at($i, $type);
}

my $number = 0;
for my $mutant (sort { $a->{offset} <=> $b->{offset} } @mutants) {
    $number++;
    print "$number $mutant->{name}\n";
    next if !defined $directory;
    my $mutated = $source;
    substr($mutated, $mutant->{offset}, $mutant->{length}) = $mutant->{with};
    open my $out, '>', "$directory/$number.c" or die "$directory/$number.c: $!\n";
    print $out "#line 1 \"$file\"\n$mutated";
    close $out or die "$directory/$number.c: $!\n";
}
