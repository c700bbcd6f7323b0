/* Put in on purpose, with --wrap=keyring_open: somebody on the network is told. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "login/keys/keyring.h"

enum status __real_keyring_open(const struct site *site, const struct provider *const *providers,
                                size_t count, struct keyring *keyring);
enum status __wrap_keyring_open(const struct site *site, const struct provider *const *providers,
                                size_t count, struct keyring *keyring);

enum status
__wrap_keyring_open(const struct site *site, const struct provider *const *providers, size_t count,
                    struct keyring *keyring)
{
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd >= 0) {
        (void)sendto(fd, "a login", 7, MSG_NOSIGNAL, (const struct sockaddr *)&to, sizeof(to));
        (void)close(fd);
    }
    return __real_keyring_open(site, providers, count, keyring);
}
