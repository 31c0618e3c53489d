import { defineConfig } from '@playwright/test';

const port = Number(process.env.YINXIN_PORT ?? 18089);

export default defineConfig({
	testDir: 'browser',
	outputDir: '../out/browser/failures',
	workers: 1,
	timeout: 60_000,
	expect: { timeout: 20_000 },
	reporter: 'list',
	use: {
		baseURL: `http://127.0.0.1:${port}`,
		launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] },
	},
	webServer: {
		command: `../bin/yinxin serve --trust ../out/demo/trust --config browser/serve.yaml --listen 127.0.0.1:${port}`,
		url: `http://127.0.0.1:${port}/readyz`,
		reuseExistingServer: false,
	},
});
