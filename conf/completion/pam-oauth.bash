# Completion of pam-oauth(1) for bash: its commands, their options, and the values that this machine
# knows. It needs nothing of bash-completion, which loads it by its name, and runs nothing that it reads:
# no word goes through `compgen -W`, which would expand it.
# shellcheck shell=bash

# Of what is read from standard input, the lines that begin as the word does.
_pam_oauth_offer() {
    local word
    while IFS= read -r word; do
        [[ $word != "$value"* ]] || COMPREPLY+=("$word")
    done
}

_pam_oauth_words() { # WORD...
    [ $# -eq 0 ] || _pam_oauth_offer < <(printf '%s\n' "$@")
}

# The names that the configuration has sections for; what is no name is not offered.
_pam_oauth_sections() { # provider|service FILE...
    local kind=$1
    shift
    _pam_oauth_offer < <(
        sed -n "s/^[[:blank:]]*\[[[:blank:]]*${kind}[[:blank:]]\{1,\}\(.*\)\][[:blank:]]*\$/\1/p" "$@" 2>/dev/null |
            tr -s '[:blank:]' '\n' | grep -x '[A-Za-z0-9_.-]\{1,\}' | sort -u
    )
}

_pam_oauth_files() { # -f|-d
    compopt -o filenames
    while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen "$1" -- "$value")
}

_pam_oauth_users() {
    while IFS= read -r user; do COMPREPLY+=("$user"); done < <(compgen -u -- "$value")
}

# What an option takes.
_pam_oauth_value() { # OPTION
    local kind=${1#--}
    case $1 in
    --config | --jwks | --log) _pam_oauth_files -f ;;
    --root) _pam_oauth_files -d ;;
    --user | --account) _pam_oauth_users ;;
    --provider | --service) _pam_oauth_sections "$kind" "${configs[@]}" ;;
    --token-kind) _pam_oauth_words access_token id_token any ;;
    --algorithms) _pam_oauth_words RS{256,384,512} PS{256,384,512} ES{256,384,512} EdDSA Ed25519 Ed448 ;;
    esac
}

# What may stand behind a command and the words `operands`, and is no option's value.
_pam_oauth_operand() {
    case $command/${#operands[@]} in
    /0) _pam_oauth_words verify explain try check why who-can jwks sessions login token status logout ;;
    verify/0 | explain/0) _pam_oauth_files -f ;;
    jwks/0) _pam_oauth_words list refresh ;;
    sessions/0) _pam_oauth_words list forget ;;
    sessions/1) [ "${operands[0]}" != forget ] || _pam_oauth_users ;;
    esac
}

_pam_oauth_options() {
    case $command in
    '') set -- --help --version ;;
    verify) set -- --jwks --issuer --audience --algorithms --token-kind --at --clock-skew --provider \
        --signature-only --batch --json ;;
    explain) set -- --service --user --at --json ;;
    try) set -- --service --user ;;
    check) set -- --offline --root ;;
    why) set -- --log ;;
    who-can) set -- --account --service --json ;;
    jwks) if [ "${operands[0]-}" = refresh ]; then set -- --provider --due --background; else
        set -- --provider --json; fi ;;
    sessions) if [ "${operands[0]-}" = forget ]; then set --; else set -- --json; fi ;;
    login) set -- --provider --scope --audience --device ;;
    token) set -- --provider --parts ;;
    status) set -- --provider --json ;;
    logout) set -- --provider ;;
    esac
    _pam_oauth_words --config "$@"
}

# The words up to the cursor, where bash has broken `--name=value` into three.
_pam_oauth_read_line() {
    local i word
    words=()
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ ${#words[@]} -gt 0 && ${words[-1]} == --* &&
            (($word = '=' && ${words[-1]} != *=*) || ${words[-1]} == *=) ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
    done
}

# Leaves what those words say before the last of them: `command`, `operands`, the `option` that waits
# for its value, `configs`, and whether `--` was among them.
_pam_oauth_understand() {
    local word config=''
    for word in "${words[@]:0:${#words[@]}-1}"; do
        if [ -n "$option" ]; then
            [ "$option" != --config ] || config=$word
            option=''
            continue
        fi
        if [ -n "$only_operands" ]; then
            operands+=("$word")
            continue
        fi
        case $word in
        --) only_operands=yes ;;
        --config=*) config=${word#*=} ;;
        --signature-only | --batch | --json | --offline | --due | --background | --device | --help | --version) ;;
        --*=*) ;;
        --?*) option=$word ;;
        *) if [ -z "$command" ]; then command=$word; else operands+=("$word"); fi ;;
        esac
    done
    # bash has not looked at it yet
    [[ $config != \~/* ]] || config=$HOME/${config#\~/}
    [ -z "$config" ] || { configs=("$config" "${config%"${config##*/}"}"conf.d/*.conf) && return; }
    configs=(/etc/pam_oauth/pam_oauth.conf /etc/pam_oauth/conf.d/*.conf)
    case $command in
    login | token | status | logout) configs+=(~/.config/pam_oauth/{pam_oauth.conf,conf.d/*.conf}) ;;
    esac
}

_pam_oauth() {
    local words=() operands=() configs=() command='' option='' only_operands='' value file user i

    COMPREPLY=()
    _pam_oauth_read_line
    _pam_oauth_understand
    value=${words[-1]}
    if [ -n "$option" ]; then
        _pam_oauth_value "$option"
    elif [[ -z $only_operands && $value == --*=* ]]; then
        option=${value%%=*} value=${value#*=}
        _pam_oauth_value "$option"
        # Where bash does not break words there, the whole of it is what is replaced.
        [[ $COMP_WORDBREAKS == *=* ]] || for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=$option=${COMPREPLY[i]}; done
    elif [[ -z $only_operands && $value == -* ]]; then
        _pam_oauth_options
    else
        _pam_oauth_operand
    fi
}

complete -F _pam_oauth pam-oauth
