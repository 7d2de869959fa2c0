/* tests/unit/proxy/event/test_mailbox.c: mail from other threads */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>

#include "proxy/event/mailbox.h"
#include "tests/support/turning.h"

#define SENDERS 4
#define LETTERS 20000

/* The owner: counts what arrives, sender by sender. */
struct post_office {
	struct loop *loop;
	struct mailbox *box;
	unsigned next[SENDERS]; /* number expected */
	unsigned received;
	bool disordered;
};

struct letter {
	struct mail mail;
	unsigned sender, number;
};

struct sender {
	struct post_office *office;
	unsigned index;
	pthread_t thread;
};

static void
receive(struct mail *m, void *owner)
{
	struct letter *l = (struct letter *)(void *)m;
	struct post_office *office = owner;

	if (l->number != office->next[l->sender]++)
		office->disordered = true;
	free(l);
	if (++office->received == SENDERS * LETTERS)
		loop_stop(office->loop);
}

static void
post(struct post_office *office, unsigned sender, unsigned number)
{
	struct letter *l = calloc(1, sizeof(*l));

	assert_non_null(l);
	l->mail.deliver = receive;
	l->sender = sender;
	l->number = number;
	mailbox_post(office->box, &l->mail);
}

static void *
send_all(void *arg)
{
	struct sender *s = arg;

	for (unsigned i = 0; i < LETTERS; i++)
		post(s->office, s->index, i);
	return NULL;
}

static void
office_open(struct post_office *office)
{
	*office = (struct post_office){ .loop = turning_loop() };
	assert_int_equal(
	    mailbox_create(office->loop, office, &office->box), LR_OK);
}

static void
test_nothing_is_lost_or_disordered_among_many_senders(void **state)
{
	struct sender senders[SENDERS];
	struct post_office office;

	(void)state;
	office_open(&office);
	for (unsigned i = 0; i < SENDERS; i++) {
		senders[i] = (struct sender){ .office = &office, .index = i };
		assert_int_equal(pthread_create(&senders[i].thread, NULL,
				     send_all, &senders[i]),
		    0);
	}
	assert_true(turning_run(office.loop));
	for (unsigned i = 0; i < SENDERS; i++)
		pthread_join(senders[i].thread, NULL);
	assert_int_equal(office.received, SENDERS * LETTERS);
	assert_false(office.disordered);
	mailbox_free(office.box);
	loop_free(office.loop);
}

static void
test_mail_posted_before_the_loop_runs_is_delivered(void **state)
{
	struct post_office office;

	(void)state;
	office_open(&office);
	post(&office, 0, 0);
	post(&office, 0, 1);
	turning_settle(office.loop);
	assert_int_equal(office.received, 2);
	assert_false(office.disordered);
	post(&office, 0, 2); /* and once it is empty again */
	turning_settle(office.loop);
	assert_int_equal(office.received, 3);
	mailbox_free(office.box);
	loop_free(office.loop);
}

static void
test_what_is_left_is_delivered_when_the_box_goes(void **state)
{
	struct post_office office;

	(void)state;
	office_open(&office);
	for (unsigned i = 0; i < 10; i++)
		post(&office, 1, i);
	mailbox_free(office.box);
	assert_int_equal(office.received, 10);
	assert_false(office.disordered);
	mailbox_free(NULL);
	loop_free(office.loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_nothing_is_lost_or_disordered_among_many_senders),
		cmocka_unit_test(
		    test_mail_posted_before_the_loop_runs_is_delivered),
		cmocka_unit_test(
		    test_what_is_left_is_delivered_when_the_box_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
