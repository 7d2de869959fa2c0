/* proxy/notify.h: telling the service manager how we are.
 * Source: sd_notify(3), the protocol of NOTIFY_SOCKET. */
#ifndef PROXY_NOTIFY_H
#define PROXY_NOTIFY_H

/* Each is nothing where nobody asked (NOTIFY_SOCKET is not set), and a
 * manager that does not listen is not our trouble. */
void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);

#endif
