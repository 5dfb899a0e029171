"""The broker: public events leave through NATS JetStream, and wake-ups come over it."""
