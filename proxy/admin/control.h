/* proxy/admin/control.h: the control socket.
 *
 * HTTP/1.1 and JSON over a Unix socket, answered on the main thread's
 * loop: curl --unix-socket /run/larder/control http://larder/status
 * What can be asked stands in one table (verb.h). */
#ifndef PROXY_ADMIN_CONTROL_H
#define PROXY_ADMIN_CONTROL_H

#include "proxy/admin/verb.h"
#include "proxy/event/loop.h"
#include "store/base/log.h"

struct control;

/* Answers on fd (listening, non-blocking; taken).  calls and log are
 * borrowed and outlive it.  LR_NOMEM, LR_IO. */
enum lr control_start(struct loop *loop, int take_fd,
    const struct control_calls *calls, struct log *log, struct control **out);
/* Cuts what is open.  Takes NULL. */
void control_stop(struct control *c);

#endif
