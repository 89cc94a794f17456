"""Whatever is sent to the webhooks by chance or by malice: no error, no fault in the job, no endless answering."""
