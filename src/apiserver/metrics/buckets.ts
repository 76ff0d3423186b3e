// The upper bounds of the real server's histograms.

export const requestSeconds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
export const sliSeconds = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
export const responseBytes = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
export const bodyBytes = Array.from({ length: 31 }, (_, index) => 50_000 + index * 100_000);
export const eventBytes = [1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072];
export const checkSeconds = [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192, 16.384];
export const watchListSeconds = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 4, 6, 8, 10, 15, 20, 30, 45, 60];
export const flowSeconds = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];
export const queueLengths = [0, 10, 25, 50, 100, 250, 500, 1000];
export const seats = [1, 2, 4, 8, 16, 32, 64, 100];
