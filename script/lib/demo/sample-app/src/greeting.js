export const greeting = 'Hello from the main branch';
