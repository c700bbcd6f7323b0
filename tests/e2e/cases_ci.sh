# shellcheck shell=bash
# CI without keys: what a job of GitHub Actions or GitLab CI has signs `deploy` in by real ssh, with
# the commands of conf/ci as they stand there; another repository, a pull request and a renamed
# repository are refused. The claims are those of tests/providers, of a repository acme/site.

# The host as conf/ci says, but for the provider's address.
ci_world() { # PRESET MAP-LINE
    askpass_world && install -m 644 "$top"/conf/providers/*.conf "$SANDBOX_DIR/presets" || return 1
    cat >"$config" <<-END
		[provider ci]
		preset = $1
		issuer = $issuer
		audience = ssh://testhost
		ca_file = $provider_dir/ca.pem

		[service sshd]
		providers = ci
		methods = token
		system_users = deploy
		$(paths_section)
		fetcher = $SANDBOX_DIR/pam-oauth-fetcher
	END
    echo "$2" >"$SANDBOX_DIR/pam_oauth/accounts.map"
}

# The rule of an example, and the command that it hands to pam-oauth-askpass.
rule_of() { # EXAMPLE
    sed -n 's/^# *\(ci  sub=.*-> deploy\)$/\1/p' "$top/conf/ci/$1.yml"
}
command_of() { # EXAMPLE
    awk '/PAM_OAUTH_TOKEN_COMMAND: / { sub(/.*PAM_OAUTH_TOKEN_COMMAND: /, ""); on = 1
             if ($0 != ">-") { print; exit } next }
         on && /^            / { sub(/^ */, ""); printf "%s ", $0; next }
         on { exit }' "$top/conf/ci/$1.yml"
}

github_token() { # MEMBERS
    mint "\"sub\":\"repo:acme/site:ref:refs/heads/main\",\"ref\":\"refs/heads/main\",
        \"repository\":\"acme/site\",\"repository_id\":\"4711\",\"repository_owner\":\"acme\",
        \"repository_owner_id\":\"65\",\"actor\":\"octocat\",\"event_name\":\"push\",
        \"job_workflow_ref\":\"acme/site/.github/workflows/deploy.yml@refs/heads/main\",
        \"nbf\":$(($(date +%s) - 300)),\"jti\":\"$RANDOM$RANDOM\"${1:+,$1}" RS256 '"typ":"JWT"'
}
gitlab_token() { # MEMBERS
    mint "\"sub\":\"project_path:acme/site:ref_type:branch:ref:main\",\"project_path\":\"acme/site\",
        \"project_id\":\"4711\",\"namespace_id\":\"72\",\"ref\":\"main\",\"ref_type\":\"branch\",
        \"ref_protected\":\"true\",\"user_login\":\"sample-user\",\"pipeline_source\":\"push\",
        \"runner_id\":1,\"nbf\":$(($(date +%s) - 5)),\"jti\":\"$RANDOM$RANDOM\"${1:+,$1}" RS256 '"typ":"JWT"'
}

# deploy's own ssh on the runner, where nobody is.
ci_ssh() { # VARIABLE=VALUE... COMMAND...
    local ssh_line
    ssh_words $good_host
    as_user carol env SSH_ASKPASS="$askpass" SSH_ASKPASS_REQUIRE=force setsid --wait \
        env "${@:1:$#-1}" "${ssh_line[@]/alice@/deploy@}" "${@: -1}"
}

github_job() { # TOKEN COMMAND
    local address server code
    echo "$1" >"$SANDBOX_DIR/job.token"
    coproc actions { exec node "$top/tests/e2e/actions.mjs" runner-secret ssh://testhost "$SANDBOX_DIR/job.token"; }
    # bash forgets both as soon as it has ended
    # shellcheck disable=SC2154 # coproc sets them
    server=$actions_PID
    read -r address <&"${actions[0]}"
    ci_ssh HOST=testhost ACTIONS_ID_TOKEN_REQUEST_TOKEN=runner-secret \
        ACTIONS_ID_TOKEN_REQUEST_URL="$address" PAM_OAUTH_TOKEN_COMMAND="$(command_of github-actions)" "$2"
    code=$?
    kill "$server" && wait "$server" 2>/dev/null
    return "$code"
}
gitlab_job() { # TOKEN COMMAND
    ci_ssh SSH_TOKEN="$1" PAM_OAUTH_TOKEN_COMMAND="$(command_of gitlab-ci)" "$2"
}

ci_refused() { # JOB TOKEN REASON
    logs_clear
    ! "$1" "$2" true 2>/dev/null && expect_decision "verdict=refused reason=$3 provider=ci .*account=deploy service=sshd"
}

test_a_job_of_github_actions_signs_in() {
    ci_world github-actions "$(rule_of github-actions)" || return 1
    expect_equal "$(github_job "$(github_token)" 'id -un')" deploy &&
        expect_decision 'verdict=accepted provider=ci sub="repo:acme/site:ref:refs/heads/main" account=deploy service=sshd method=token .*rule=accounts.map:1'
}

test_other_jobs_of_github_actions_are_refused() {
    ci_world github-actions "$(rule_of github-actions)" || return 1
    # another repository; its own branch, its own pull request
    ci_refused github_job "$(github_token '"sub":"repo:evil/site:ref:refs/heads/main","repository":"evil/site","repository_id":"666"')" account &&
        ci_refused github_job "$(github_token '"sub":"repo:acme/site:ref:refs/heads/topic","ref":"refs/heads/topic"')" account &&
        ci_refused github_job "$(github_token '"sub":"repo:acme/site:pull_request","ref":"refs/pull/7/merge","event_name":"pull_request","head_ref":"topic","base_ref":"main"')" account &&
        # renamed, and another that took its name
        ci_refused github_job "$(github_token '"sub":"repo:acme/website:ref:refs/heads/main","repository":"acme/website"')" account &&
        ci_refused github_job "$(github_token '"repository_id":"4712"')" account &&
        # made for another host, or long ago
        ci_refused github_job "$(github_token "\"iat\":$(($(date +%s) - 700)),\"exp\":$(($(date +%s) + 100))")" too_old
}

test_a_job_of_gitlab_ci_signs_in() {
    ci_world gitlab-ci "$(rule_of gitlab-ci)" || return 1
    expect_equal "$(gitlab_job "$(gitlab_token)" 'id -un')" deploy &&
        expect_decision 'verdict=accepted provider=ci sub="project_path:acme/site:ref_type:branch:ref:main" account=deploy service=sshd method=token'
}

test_other_jobs_of_gitlab_ci_are_refused() {
    ci_world gitlab-ci "$(rule_of gitlab-ci)" || return 1
    ci_refused gitlab_job "$(gitlab_token '"sub":"project_path:evil/site:ref_type:branch:ref:main","project_path":"evil/site","project_id":"666"')" account &&
        ci_refused gitlab_job "$(gitlab_token '"ref_protected":"false"')" account &&
        # a merge request, from a branch that is called as the real one is
        ci_refused gitlab_job "$(gitlab_token '"sub":"project_path:acme/site:ref_type:branch:ref:topic","ref":"topic","ref_protected":"false","pipeline_source":"merge_request_event"')" account &&
        ci_refused gitlab_job "$(gitlab_token '"sub":"project_path:acme/website:ref_type:branch:ref:main","project_path":"acme/website"')" account &&
        ci_refused gitlab_job "$(gitlab_token '"project_id":"4712"')" account
}

# A job whose token is for another host gives it to nobody, and one without a token says so.
test_E79_a_job_gives_its_token_to_its_own_host_alone() {
    local output
    ci_world gitlab-ci "$(rule_of gitlab-ci)" || return 1
    output=$(gitlab_job "$(gitlab_token '"aud":"ssh://web-2"')" true 2>&1) && return 1
    expect_match "$output" 'not made for testhost alone' && expect_decision 'verdict=refused reason=cancelled' || return 1
    output=$(ci_ssh PAM_OAUTH_TOKEN_COMMAND="$(command_of gitlab-ci)" true 2>&1) && return 1
    expect_match "$output" 'PAM_OAUTH_TOKEN_COMMAND: it failed with exit code 1'
}
